#include "wiring/storage.hpp"

#include "wiring/storage_postgres.hpp"
#include "wiring/storage_sqlite.hpp"

namespace edda::wiring {

Task<Result<Storage>> open_storage(Foundation& base) {
  if (!base.config().database.host.empty()) co_return co_await open_postgres(base);
  co_return open_sqlite(base);
}

}  // namespace edda::wiring
