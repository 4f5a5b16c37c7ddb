#include "system/random.hpp"

#include <array>
#include <bit>
#include <random>

namespace edda::system {
namespace {

class Xoshiro256 {
 public:
  Xoshiro256() {
    std::random_device device;
    for (auto& word : state_) word = (std::uint64_t{device()} << 32) | device();
    state_[0] |= 1;  // All zeros would stay so.
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace

std::uint64_t SystemRandom::next() {
  static thread_local Xoshiro256 generator;
  return generator.next();
}

}  // namespace edda::system
