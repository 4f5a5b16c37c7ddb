#include "sqlite/key_source.hpp"

namespace edda::sqlite {

Task<Result<std::vector<KeyEntry>>> SqliteKeySource::read_keys(std::optional<Digest128> after, std::size_t limit,
                                                               Deadline deadline) {
  auto work = [after, limit](Connection& connection) -> Result<std::vector<KeyEntry>> {
    TRY(Statement * query, connection.statement("SELECT key, stream, version, fingerprint FROM keys WHERE ?1 IS NULL OR"
                                                " key > ?1 ORDER BY key LIMIT ?2"));
    Rows rows = query->query(after, static_cast<std::int64_t>(limit));
    std::vector<KeyEntry> keys;
    for (;;) {
      TRY(const bool found, rows.next());
      if (!found) return keys;
      keys.push_back({rows.uuid(0).bytes,
                      {rows.id<StreamId>(1), StreamVersion{rows.integer(2)}, static_cast<std::uint64_t>(rows.integer(3))}});
    }
  };
  co_return co_await database_.read(std::move(work), deadline);
}

}  // namespace edda::sqlite
