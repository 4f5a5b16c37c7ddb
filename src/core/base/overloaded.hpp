#pragma once

namespace edda {

/// Several lambdas as one visitor for std::visit.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace edda
