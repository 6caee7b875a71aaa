#pragma once

namespace firstguess {

// Whether this is compiled for a sanitizer. Long tests then try a part of their cases: each case is
// slower, and what a sanitizer sees in one it sees in its neighbours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace firstguess
