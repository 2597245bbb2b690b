// The thread pool and the per-thread buffers: plain C++, compiled once for the baseline instruction set.
#include "pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
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

// What GENAI_NUM_THREADS says, or else how many cores this process may use: fewer than the machine has when
// taskset or a container says so.
int initial_threads() {
  if (const char* text = std::getenv("GENAI_NUM_THREADS")) {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (end != text && *end == 0 && n >= 1 && n <= 1024) return static_cast<int>(n);
  }
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  const unsigned n = std::thread::hardware_concurrency();
  return n ? static_cast<int>(n) : 1;
}

std::atomic<int>& wanted_threads() {
  static std::atomic<int> n{initial_threads()};
  return n;
}

thread_local bool inside_task = false;

struct Job {
  void (*task)(const void*, Index);
  const void* context;
  Index n;
  std::atomic<Index> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error{};  // of the first task that failed

  // Claims tasks one by one until none is left, so that a slow core simply takes fewer.
  void work() {
    for (Index i; (i = next.fetch_add(1, std::memory_order_relaxed)) < n;) {
      try {
        task(context, i);
      } catch (...) {
        if (!failed.exchange(true)) error = std::current_exception();
      }
    }
  }
};

// One job at a time. A helper first counts itself as a guest, then looks whether there is a job; the owner
// first takes the job away, then waits for the guests to leave. Both orders are sequentially consistent, so a
// helper either sees no job or is waited for: the job can live on the owner's stack.
class Pool {
 public:
  // False, and nothing done, while another thread has the pool.
  bool run(Job& job, int threads) {
    std::unique_lock<std::mutex> owner(owner_, std::try_to_lock);
    if (!owner) return false;
    grow(threads - 1);
    helpers_wanted_ = threads - 1;
    job_ = &job;
    ++round_;
    round_.notify_all();
    inside_task = true;
    job.work();
    inside_task = false;
    job_ = nullptr;
    // A guest still runs its last task. Give way after a while: it may be waiting for this very core.
    for (int i = 0; guests_ != 0; ++i) i < 2000 ? pause_briefly() : std::this_thread::yield();
    return true;
  }

 private:
  void grow(int helpers) {
    try {
      for (; started_ < helpers; ++started_) std::thread([this, id = started_] { help(id); }).detach();
    } catch (const std::system_error&) {
      // No more threads to be had: the ones that exist, or the caller alone, do the work.
    }
  }

  // A helper's life: work on each job once, watch for the next one a little while, sleep when none comes.
  [[noreturn]] void help(int id) {
    using Clock = std::chrono::steady_clock;
    constexpr auto patience = std::chrono::microseconds(60);  // kernels often come in quick succession
    inside_task = true;
    for (unsigned seen = 0;;) {
      const auto end = Clock::now() + patience;
      for (int i = 1; round_ == seen && (i % 64 || Clock::now() < end); ++i) pause_briefly();
      round_.wait(seen);
      seen = round_;
      if (id >= helpers_wanted_) continue;
      ++guests_;
      if (Job* job = job_) job->work();
      --guests_;
    }
  }

  std::mutex owner_;  // held while a job runs
  std::atomic<Job*> job_{nullptr};
  std::atomic<unsigned> round_{0};  // counts the jobs
  std::atomic<int> guests_{0}, helpers_wanted_{0};
  int started_ = 0;
};

// Its threads start with the first job, so that importing starts none. Never destroyed: they may still sleep
// in it when the process ends. After fork() the child has none of them, and a pool of its own.
Pool* the_pool = new Pool;
#if !defined(_WIN32)
[[maybe_unused]] const int renew = pthread_atfork(nullptr, nullptr, [] { the_pool = new Pool; });
#endif

struct Buffer {
  void* data = nullptr;
  std::size_t size = 0;
  std::align_val_t alignment{64};

  ~Buffer() { ::operator delete(data, alignment); }
};

}  // namespace

int num_threads() { return inside_task ? 1 : wanted_threads().load(std::memory_order_relaxed); }

void set_num_threads(int n) { wanted_threads() = n; }

void run_tasks(Index n, void (*task)(const void*, Index), const void* context) {
  Job job{task, context, n};
  const int threads = static_cast<int>(std::min<Index>(n, num_threads()));
  if (threads <= 1 || inside_task || !the_pool->run(job, threads)) job.work();
  if (job.error) std::rethrow_exception(job.error);
}

void* scratch_bytes(Slot slot, std::size_t bytes) {
  thread_local Buffer buffers[kSlots];
  Buffer& buffer = buffers[slot];
  if (bytes > buffer.size) {
    buffer.~Buffer();
    new (&buffer) Buffer;
    // Large buffers get huge pages where the system has them: a packed block is read many times, and the
    // address translations of 4 KiB pages would not fit their cache.
    constexpr std::size_t huge = std::size_t(1) << 21;
    const std::size_t unit = bytes >= huge / 4 ? huge : 64, rounded = (bytes + unit - 1) / unit * unit;
    buffer.data = ::operator new(rounded, buffer.alignment = std::align_val_t(unit));
    buffer.size = rounded;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (unit == huge) madvise(buffer.data, rounded, MADV_HUGEPAGE);
#endif
  }
  return buffer.data;
}

}  // namespace genai
