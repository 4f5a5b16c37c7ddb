#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/ledger.hpp"
#include "cluster/plan.hpp"
#include "cluster/request.hpp"

namespace edda::sim {

/// A customer (and, for shipping, the merchant): places orders through any node, changes its mind, asks again under the same key when it
/// heard nothing, and reads back what it was told.
class Client {
 public:
  Client(Surroundings around, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes, Ledger& ledger, int number);

  void start();
  bool is_done() const { return under_way_ == 0; }
  /// Ends without hearing anything more.
  void leave() {
    hurried_ = true;
    actor_.cut();
  }
  /// Places the few orders that are left for the end; what is begun is finished.
  void hurry();

 private:
  using Command = Operation<orders::Answer>;

  Task<void> live();
  Task<void> place_the_last();
  Task<void> sleep(Duration longest);
  Task<void> make_products();
  Task<void> place_one();
  Task<void> follow_up(Wish& placed);
  Task<void> wish(Wish& wish, Command command);
  Task<void> read_back(Wish& wish);
  void break_word(std::string invariant, std::string what);
  void hear(Wish& wish, const Result<orders::Answer>& answer, bool asked_before);

  Node& any_node();
  std::vector<order::Item> draw_items(bool claims);
  Command placing(const Wish& wish, std::vector<order::Item> items) const;
  orders::ClientKey key_of(const Wish& wish, std::string_view route) const;

  Surroundings around_;
  const Plan& plan_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  Ledger& ledger_;
  Actor& actor_;
  const int number_;
  const UserId user_;
  SimClock clock_;
  std::string last_key_;  ///< of an order that was placed
  bool hurried_ = false;
  int under_way_ = 0;  ///< live, place_the_last
};

}  // namespace edda::sim
