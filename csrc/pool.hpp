// Threads for the kernels: parallel_for(n, body) runs body(0) ... body(n - 1), some of them on other cores.
#pragma once
#include <cstddef>

#include "kernels.hpp"

namespace genai {

int num_threads();  // 1 inside of a task
void set_num_threads(int n);

// Runs task(context, i) for every i in [0, n), each exactly once, and returns when all are done. The caller
// works too. Called from inside a task, or while another thread has the pool, it runs everything itself.
void run_tasks(Index n, void (*task)(const void* context, Index i), const void* context);

// With `worth` false it is an ordinary loop.
template <class Body> GENAI_INLINE void parallel_for(Index n, const Body& body, bool worth = true) {
  if (worth)
    run_tasks(n, [](const void* context, Index i) { (*static_cast<const Body*>(context))(i); }, &body);
  else
    for (Index i = 0; i < n; ++i) body(i);
}

// Memory that belongs to the calling thread and is kept from call to call: fresh pages cost more than the
// arithmetic done on them. Aligned to a cache line at least; each slot is one buffer. Throws std::bad_alloc.
enum Slot { kSlotA, kSlotB, kSlotTurned, kSlotShared, kSlotScores, kSlotKeys, kSlotQuery, kSlotRows, kSlots };
void* scratch_bytes(Slot slot, std::size_t bytes);

template <class T> inline T* scratch(Slot slot, Index n) {
  return static_cast<T*>(scratch_bytes(slot, static_cast<std::size_t>(n) * sizeof(T)));
}

}  // namespace genai
