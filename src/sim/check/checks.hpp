#pragma once

#include <string>

#include "check/commit_watch.hpp"
#include "check/story.hpp"
#include "cluster/ledger.hpp"
#include "cluster/plan.hpp"
#include "world/feed.hpp"
#include "world/gateway.hpp"
#include "world/store.hpp"

namespace edda::sim {

/// Everything that is there to judge a run by.
struct Evidence {
  Kernel& kernel;
  const Plan& plan;
  const SimStore& store;
  const Gateway& gateway;
  const Feed& feed;
  const Ledger& ledger;
  const CommitWatch& watch;
};

/// All checks of a quiet cluster; the first broken promise is told to the kernel.
void check_all(const Evidence& evidence);

/// What still has to happen: the first saga that neither ended nor waits for a person; empty: none.
std::string unfinished(const StoreData& data);
/// Where the feed's cursor of a shard stands.
Position published_up_to(const StoreData& data, std::size_t shard);
/// A shard whose feed is behind its log; empty: none.
std::string unpublished(const StoreData& data);

// The parts of check_all.

void check_log(const Evidence& evidence);                        ///< I12, I13
void check_keys(const Evidence& evidence, const Story& story);   ///< P1: command keys and claims stand with their turns, and only so
void check_views(const Evidence& evidence, const Story& story);  ///< I18
void check_sagas(const Evidence& evidence, const Story& story);  ///< I1, I22, R17
void check_stock(const Evidence& evidence, const Story& story);  ///< I6
void check_money(const Evidence& evidence, const Story& story);  ///< I7, I8, I9, R15, R19
void check_clients(const Evidence& evidence, const Story& story);///< I2, I3, I4
void check_operators(const Evidence& evidence, const Story& story);  ///< P1: what operators were told of their acts
void check_feed(const Evidence& evidence);                       ///< I15, I16
void count_sights(const Evidence& evidence, const Story& story); ///< "sometimes" counters that the log tells

}  // namespace edda::sim
