#include "http/routes/old_ids.hpp"

#include <fmt/format.h>

#include "queries/alias.hpp"

namespace edda::http::old {

Task<Result<void>> OldIds::show(Uuid& id) {
  if (!queries::may_be_imported(id)) co_return Result<void>();
  auto known = known_.find(id);
  if (known == known_.end()) {
    CO_TRY(const Uuid replaced, co_await queries::replaced_id(store_, id, deadline_));
    known = known_.emplace(id, replaced).first;
  }
  id = known->second;
  co_return Result<void>();
}

Task<Result<void>> OldIds::show(SagaRecord& saga) { return show(saga.row.id.value); }

Task<Result<void>> OldIds::show(std::optional<PaymentRecord>& payment) {
  if (!payment) co_return Result<void>();
  co_return co_await show(payment->row.id.value);
}

// A quotation mark within a text is escaped: only a member of ours is written like this.
Task<Result<void>> OldIds::show_in(std::string& data, std::string_view member) {
  constexpr std::size_t id_length = 36;
  const std::string begin = fmt::format(R"("{}":")", member);
  const std::size_t found = data.find(begin);
  if (found == std::string::npos) co_return Result<void>();
  auto id = parse_uuid(std::string_view(data).substr(found + begin.size(), id_length));
  if (!id) co_return Result<void>();
  CO_TRY_VOID(co_await show(*id));
  data.replace(found + begin.size(), id_length, to_string(*id));
  co_return Result<void>();
}

Task<Result<void>> OldIds::show(std::vector<RecordedEvent>& events) {
  for (RecordedEvent& event : events) {
    CO_TRY_VOID(co_await show(event.stream.value));
    CO_TRY_VOID(co_await show_in(event.data, "paymentId"));
    CO_TRY_VOID(co_await show_in(event.data, "sagaId"));
  }
  co_return Result<void>();
}

Task<Result<void>> OldIds::show(queries::Story& story) {
  CO_TRY_VOID(co_await show(story.payment));
  CO_TRY_VOID(co_await show(story.order.row.saga.value));
  for (SagaRecord& saga : story.sagas) CO_TRY_VOID(co_await show(saga));
  co_return co_await show(story.events);
}

}  // namespace edda::http::old
