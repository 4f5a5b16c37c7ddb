#include "queries/alias.hpp"

#include "base/json_reader.hpp"
#include "orders/client_key.hpp"

namespace edda::queries {
namespace {

/// The row that `find` has of this id; where it has none, of the id that an import gave in its place.
template <class Record, class IdType>
Task<Result<std::optional<Record>>> find_either(ReadModels& views,
                                                Task<Result<std::optional<Record>>> (ReadModels::*find)(IdType,
                                                                                                        Deadline),
                                                EventStore& store, IdType id, Deadline deadline) {
  CO_TRY(auto record, co_await (views.*find)(id, deadline));
  if (record) co_return record;
  CO_TRY(const auto alias, co_await store.find_key(orders::alias_claim(to_string(id)), deadline));
  if (!alias) co_return record;
  co_return co_await (views.*find)(IdType{alias->stream.value}, deadline);
}

}  // namespace

Task<Result<std::optional<PaymentRecord>>> find_payment(ReadModels& views, EventStore& store, PaymentId id,
                                                        Deadline deadline) {
  return find_either(views, &ReadModels::find_payment, store, id, deadline);
}

Task<Result<std::optional<SagaRecord>>> find_saga(ReadModels& views, EventStore& store, SagaId id, Deadline deadline) {
  return find_either(views, &ReadModels::find_saga, store, id, deadline);
}

bool may_be_imported(const Uuid& id) { return id.bytes[6] >> 4 == 5; }

Task<Result<Uuid>> replaced_id(EventStore& store, Uuid stream, Deadline deadline) {
  CO_TRY(const auto events, co_await store.read_stream(StreamId{stream}, StreamVersion{0}, 1, deadline));
  if (events.empty()) co_return stream;
  JsonReader json(events.front().data);
  co_return parse_uuid(json.string_or("replacedId", {})).value_or(stream);
}

}  // namespace edda::queries
