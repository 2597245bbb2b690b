// The thread pool and the per-thread buffers: plain C++, compiled once for the baseline instruction set.
#include "pool.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif
#if !defined(_WIN32)
#include <pthread.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace genai {
namespace {

void pause_briefly() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ __volatile__("yield");
#endif
}

// How many cores this process may use: fewer than the machine has when taskset or a container says so.
int usable_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  const unsigned n = std::thread::hardware_concurrency();
  return n ? static_cast<int>(n) : 1;
}

int initial_threads() {
  if (const char* text = std::getenv("GENAI_NUM_THREADS")) {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (end != text && *end == 0 && n >= 1 && n <= 1024) return static_cast<int>(n);
  }
  return usable_cores();
}

std::atomic<int> wanted_threads{0};  // 0: not decided yet
thread_local bool inside_task = false;

struct Job {
  void (*task)(const void*, Index);
  const void* context;
  Index n;
  std::atomic<Index> next{0};
  std::atomic<bool> out_of_memory{false};

  // Claims tasks one by one until none is left, so that a slow core simply takes fewer.
  void work() {
    for (Index i; (i = next.fetch_add(1, std::memory_order_relaxed)) < n;) {
      try {
        task(context, i);
      } catch (const std::bad_alloc&) {
        out_of_memory = true;
      }
    }
  }
};

// One job at a time. A helper first counts itself as a guest, then looks whether there is a job; the owner
// first takes the job away, then waits for the guests to leave. Both orders are sequentially consistent, so a
// helper either sees no job or is waited for: the job can live on the owner's stack.
class Pool {
 public:
  bool run(Job& job, int threads) {
    if (!owner_.try_lock()) return false;
    std::unique_lock<std::mutex> owner(owner_, std::adopt_lock);
    grow(threads - 1);
    helpers_wanted_.store(threads - 1, std::memory_order_relaxed);
    round_.fetch_add(1);
    job_.store(&job);
    if (asleep_.load()) {
      {
        std::lock_guard<std::mutex> lock(sleep_);
      }  // a helper that is about to sleep has not checked, or sleeps
      wake_.notify_all();
    }
    job.work();
    job_.store(nullptr);
    for (int i = 0; guests_.load() != 0; ++i) {
      // A guest still runs its last task. Give way after a while: it may be waiting for this very core.
      if (i < 2000)
        pause_briefly();
      else
        std::this_thread::yield();
    }
    return true;
  }

 private:
  void grow(int helpers) {
    while (started_ < helpers) {
      try {
        std::thread([this, id = started_] { help(id); }).detach();
      } catch (const std::system_error&) {
        return;  // no more threads to be had: the ones that exist, or the caller alone, do the work
      }
      ++started_;
    }
  }

  // A helper's life: work on each job once, watch for the next one a little while, sleep when none comes.
  [[noreturn]] void help(int id) {
    using Clock = std::chrono::steady_clock;
    constexpr auto patience = std::chrono::microseconds(60);  // kernels often come in quick succession
    inside_task = true;
    unsigned seen = 0;
    const auto called = [&] {
      return job_.load() && round_.load() != seen && id < helpers_wanted_.load(std::memory_order_relaxed);
    };
    auto last = Clock::now();
    for (unsigned i = 0;; ++i) {
      if (called()) {
        seen = round_.load();
        guests_.fetch_add(1);
        if (Job* job = job_.load()) job->work();
        guests_.fetch_sub(1);
        last = Clock::now();
      }
      pause_briefly();
      if (i % 64 || Clock::now() - last < patience) continue;
      std::unique_lock<std::mutex> lock(sleep_);
      asleep_.fetch_add(1);
      wake_.wait(lock, called);
      asleep_.fetch_sub(1);
      last = Clock::now();
    }
  }

  std::mutex owner_;  // held while a job runs
  std::atomic<Job*> job_{nullptr};
  std::atomic<unsigned> round_{0};
  std::atomic<int> guests_{0};
  std::atomic<int> helpers_wanted_{0};
  std::atomic<int> asleep_{0};
  std::mutex sleep_;
  std::condition_variable wake_;
  int started_ = 0;
};

// Made on first use, so that importing starts no thread, and never destroyed: its threads may still be asleep
// in it when the process ends. After fork() the child has none of the threads and makes a pool of its own.
std::atomic<Pool*> the_pool{nullptr};

Pool& pool() {
  Pool* p = the_pool.load();
  if (p) return *p;
  auto* fresh = new Pool;
  if (the_pool.compare_exchange_strong(p, fresh)) return *fresh;
  delete fresh;
  return *p;
}

#if !defined(_WIN32)
[[maybe_unused]] const int forget_after_fork =
    pthread_atfork(nullptr, nullptr, [] { the_pool.store(nullptr); });
#endif

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { release(); }

  void* at_least(std::size_t bytes) {
    if (bytes > size_) {
      release();
      // Large buffers get huge pages where the system has them: a packed block is read many times, and the
      // address translations of 4 KiB pages would not fit their cache.
      alignment_ = bytes >= kHuge / 4 ? kHuge : 64;
      const std::size_t rounded = (bytes + alignment_ - 1) / alignment_ * alignment_;
      data_ = ::operator new(rounded, std::align_val_t(alignment_));
      size_ = rounded;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
      if (alignment_ == kHuge) madvise(data_, size_, MADV_HUGEPAGE);
#endif
    }
    return data_;
  }

 private:
  static constexpr std::size_t kHuge = std::size_t(1) << 21;

  void release() {
    if (data_) ::operator delete(data_, std::align_val_t(alignment_));
    data_ = nullptr;
    size_ = 0;
  }

  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t alignment_ = 64;
};

}  // namespace

int num_threads() {
  int n = wanted_threads.load(std::memory_order_relaxed);
  if (n == 0) {
    int undecided = 0;
    n = initial_threads();
    if (!wanted_threads.compare_exchange_strong(undecided, n)) n = undecided;
  }
  return n;
}

void set_num_threads(int n) { wanted_threads.store(n); }

void run_tasks(Index n, void (*task)(const void*, Index), const void* context) {
  if (n <= 0) return;
  const int threads = num_threads();
  if (n > 1 && threads > 1 && !inside_task) {
    Job job{task, context, n};
    struct Inside {
      Inside() { inside_task = true; }
      ~Inside() { inside_task = false; }
    };
    bool done;
    {
      Inside guard;
      done = pool().run(job, n < threads ? static_cast<int>(n) : threads);
    }
    if (job.out_of_memory) throw std::bad_alloc();
    if (done) return;
  }
  for (Index i = 0; i < n; ++i) task(context, i);
}

void* scratch_bytes(Slot slot, std::size_t bytes) {
  thread_local Buffer buffers[kSlots];
  return buffers[slot].at_least(bytes ? bytes : 1);
}

}  // namespace genai
