#include "queries/alias.hpp"

#include "base/json_reader.hpp"
#include "orders/client_key.hpp"

namespace edda::queries {

Task<Result<std::optional<PaymentRecord>>> find_payment(ReadModels& views, EventStore& store, PaymentId id, Deadline deadline) {
  CO_TRY(auto payment, co_await views.find_payment(id, deadline));
  if (payment) co_return payment;
  CO_TRY(const auto alias, co_await store.find_key(orders::alias_claim(to_string(id)), deadline));
  if (!alias) co_return payment;
  co_return co_await views.find_payment(PaymentId{alias->stream.value}, deadline);
}

Task<Result<std::optional<SagaRecord>>> find_saga(ReadModels& views, EventStore& store, SagaId id, Deadline deadline) {
  CO_TRY(auto saga, co_await views.find_saga(id, deadline));
  if (saga) co_return saga;
  CO_TRY(const auto alias, co_await store.find_key(orders::alias_claim(to_string(id)), deadline));
  if (!alias) co_return saga;
  co_return co_await views.find_saga(SagaId{alias->stream.value}, deadline);
}

bool may_be_imported(const Uuid& id) { return id.bytes[6] >> 4 == 5; }

Task<Result<Uuid>> replaced_id(EventStore& store, Uuid stream, Deadline deadline) {
  CO_TRY(const auto events, co_await store.read_stream(StreamId{stream}, StreamVersion{0}, 1, deadline));
  if (events.empty()) co_return stream;
  JsonReader json(events.front().data);
  co_return parse_uuid(json.string_or("replacedId", {})).value_or(stream);
}

}  // namespace edda::queries
