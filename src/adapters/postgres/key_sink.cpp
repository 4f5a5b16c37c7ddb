#include "postgres/key_sink.hpp"

namespace edda::postgres {

Task<Result<std::vector<KeyEntry>>> PostgresKeySink::read_keys(std::optional<Digest128> after, std::size_t limit,
                                                               Deadline deadline) {
  CO_TRY(const Rows rows, co_await pool_.read("SELECT key, stream, version, fingerprint FROM keys"
                                              " WHERE $1::uuid IS NULL OR key > $1 ORDER BY key LIMIT $2",
                                              params(after, limit), deadline));
  std::vector<KeyEntry> keys;
  for (const Row row : rows) {
    keys.push_back({row.uuid(0).bytes,
                    {row.id<StreamId>(1), StreamVersion{row.integer(2)}, static_cast<std::uint64_t>(row.integer(3))}});
  }
  co_return keys;
}

Task<Result<void>> PostgresKeySink::add_keys(std::vector<KeyEntry> keys, Deadline deadline) {
  std::vector<Uuid> names;
  std::vector<Uuid> streams;
  std::vector<std::int64_t> versions;
  std::vector<std::int64_t> fingerprints;
  for (const KeyEntry& entry : keys) {
    names.push_back(Uuid{entry.key});
    streams.push_back(entry.stored.stream.value);
    versions.push_back(entry.stored.version.value);
    fingerprints.push_back(static_cast<std::int64_t>(entry.stored.fingerprint));
  }
  Params all;
  all.add_uuids(names).add_uuids(streams).add_int8s(versions).add_int8s(fingerprints);
  CO_TRY_VOID(co_await pool_.query("INSERT INTO keys(key, stream, version, fingerprint)"
                                   " SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                                   std::move(all), Effect::write, deadline));
  co_return Result<void>();
}

}  // namespace edda::postgres
