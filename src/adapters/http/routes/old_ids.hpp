#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "eventsourcing/event.hpp"
#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "queries/trace.hpp"

namespace edda::http::old {

/// Puts the ids under which the replaced system's clients know an imported payment or saga (docs/import.md) into what is about to be
/// shown; nothing is read with it afterwards. What was not imported stays as it is.
/// Errors of every method: unavailable.
class OldIds {
 public:
  OldIds(EventStore& store, Deadline deadline) : store_(store), deadline_(deadline) {}

  Task<Result<void>> show(SagaRecord& saga);
  Task<Result<void>> show(std::optional<PaymentRecord>& payment);
  Task<Result<void>> show(std::vector<RecordedEvent>& events);
  Task<Result<void>> show(queries::Story& story);

 private:
  Task<Result<void>> show(Uuid& id);
  Task<Result<void>> show_in(std::string& data, std::string_view member);

  EventStore& store_;
  const Deadline deadline_;
  std::map<Uuid, Uuid> known_;
};

}  // namespace edda::http::old
