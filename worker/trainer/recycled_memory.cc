#include "worker/trainer/recycled_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <c10/util/StringUtil.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

#include "common/mutex.h"

namespace firstguess::trainer {
namespace {

constexpr size_t kSmallest = 64;  // bytes: what ATen aligns to
constexpr size_t kLargest = size_t{1} << 20;
constexpr size_t kMostKept = size_t{64} << 20;

// In front of what is handed out; one alignment long.
struct alignas(kSmallest) Header {
  size_t size_class = 0;
};

class Recycler final : public c10::Allocator {
 public:
  // Never destroyed: tensors may outlive everything.
  static Recycler& Get() {
    static auto* const recycler = new Recycler;
    return *recycler;
  }

  // Throws OutOfMemoryError, which names the bytes, when there is no memory.
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes == 0) return {nullptr, nullptr, &Release, cpu};
    const size_t size_class = bytes > kLargest ? kClasses : SizeClass(bytes);
    void* block = Take(size_class);
    if (block == nullptr) block = FromSystem(size_class, bytes);
    return {block, block, &Release, cpu};
  }
  // oneDNN's workspaces come and go through it.
  c10::DeleterFnPtr raw_deleter() const override { return &Release; }
  void copy_data(void* dest, const void* src, size_t count) const override {
    default_copy_data(dest, src, count);
  }

 private:
  // Powers of two from kSmallest to kLargest; the class after them is of what is larger, not kept.
  static constexpr size_t kClasses =
      static_cast<size_t>(std::countr_zero(kLargest) - std::countr_zero(kSmallest)) + 1;

  static size_t SizeClass(size_t bytes) {
    const size_t rounded = std::bit_ceil(std::max(bytes, kSmallest));
    return static_cast<size_t>(std::countr_zero(rounded) - std::countr_zero(kSmallest));
  }
  static size_t BytesOf(size_t size_class) { return kSmallest << size_class; }

  static void* FromSystem(size_t size_class, size_t bytes) {
    const size_t room = size_class < kClasses ? BytesOf(size_class) : bytes;
    try {
      auto* const header = static_cast<Header*>(c10::alloc_cpu(sizeof(Header) + room));
      header->size_class = size_class;
      return header + 1;
    } catch (const c10::Error&) {
      C10_THROW_ERROR(OutOfMemoryError,
                      c10::str("can't allocate memory: tried to allocate ", bytes, " bytes"));
    }
  }

  static void Release(void* block) {
    if (block == nullptr) return;
    Header* const header = static_cast<Header*>(block) - 1;
    if (!Get().Keep(block, header->size_class)) c10::free_cpu(header);
  }

  void* Take(size_t size_class) EXCLUDES(mutex_) {
    if (size_class == kClasses) return nullptr;
    MutexLock lock(&mutex_);
    std::vector<void*>& blocks = kept_[size_class];
    if (blocks.empty()) return nullptr;
    void* const block = blocks.back();
    blocks.pop_back();
    kept_bytes_ -= BytesOf(size_class);
    return block;
  }

  bool Keep(void* block, size_t size_class) EXCLUDES(mutex_) {
    if (size_class == kClasses) return false;
    MutexLock lock(&mutex_);
    if (kept_bytes_ + BytesOf(size_class) > kMostKept) return false;
    kept_[size_class].push_back(block);
    kept_bytes_ += BytesOf(size_class);
    return true;
  }

  Mutex mutex_;
  std::array<std::vector<void*>, kClasses> kept_ GUARDED_BY(mutex_);
  size_t kept_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

void RecycleMemory() { c10::SetAllocator(c10::DeviceType::CPU, &Recycler::Get()); }

}  // namespace firstguess::trainer
