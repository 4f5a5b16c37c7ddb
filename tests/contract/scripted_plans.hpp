#pragma once

#include <fmt/format.h>
#include <rapidcheck.h>

#include <ostream>

#include "contract/scripted_turns.hpp"

// How RapidCheck draws plans, and shows those that fail.

namespace edda::test {

inline void showValue(const Plan& p, std::ostream& out) {
  out << fmt::format(
      "{{order {} streams {} x{} kind {} lag {} folded {} key {}/{} claim {} epoch {} at {} after {}{}{}}}", p.order,
      p.streams, p.events, p.kind, p.lag, p.folded, p.key, p.fingerprint, p.claim, p.epoch, p.second, p.after,
      p.again ? " again" : "", p.bad ? " bad" : "");
}

template <class T>
rc::Gen<T> rarely(T usual, rc::Gen<T> other) {
  return rc::gen::weightedOneOf<T>({{7, rc::gen::just(usual)}, {2, std::move(other)}});
}

}  // namespace edda::test

template <>
struct rc::Arbitrary<edda::test::Plan> {
  static Gen<edda::test::Plan> arbitrary() {
    using edda::test::Plan;
    using edda::test::rarely;
    using rc::gen::inRange;
    using rc::gen::set;
    // inRange spans its whole range only at the nominal size, whatever the size of the script around it.
    return rc::gen::resize(
        rc::kNominalSize,
        rc::gen::build<Plan>(
            set(&Plan::order, inRange(1, 6)), set(&Plan::streams, inRange(1, 8)), set(&Plan::events, inRange(1, 3)),
            set(&Plan::kind, inRange(0, 3)), set(&Plan::lag, rarely(0, inRange(-1, 2))),
            set(&Plan::folded, rarely(0, inRange(1, 6))), set(&Plan::key, rarely(-1, inRange(0, 4))),
            set(&Plan::fingerprint, inRange(0, 2)), set(&Plan::claim, rarely(-1, inRange(10, 14))),
            set(&Plan::epoch, rarely(-1, inRange(0, 3))), set(&Plan::second, inRange(1, 30)),
            set(&Plan::after, rarely(-1, inRange(0, 4))), set(&Plan::again, rarely(false, rc::gen::just(true))),
            set(&Plan::bad, rc::gen::weightedElement<bool>({{30, false}, {1, true}}))));
  }
};
