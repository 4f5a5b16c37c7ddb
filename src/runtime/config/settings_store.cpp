#include "config/setting_groups.hpp"

namespace edda::config {

std::vector<Setting> store_settings() {
  return {
      {.key = "lanes.count", .place = EDDA_AT(lanes.count), .fallback = "1",
       .about = "Lanes side by side, each for its part of the shards. One makes the largest batches, which cost least; SQLite has one,"
                " whatever is set.",
       .least = 1, .most = 16},
      {.key = "lanes.queue_max", .place = EDDA_AT(lanes.queue_max), .fallback = "4096",
       .about = "Commands that may wait for each lane; a further one is answered 503.", .least = 1, .most = 1'000'000},
      {.key = "lanes.batch_max", .place = EDDA_AT(lanes.batch_max), .fallback = "256",
       .about = "Turns that one transaction takes.", .least = 1, .most = 10'000},
      {.key = "lanes.cases_max", .place = EDDA_AT(lanes.cases_max), .fallback = "4096",
       .about = "Orders that a lane keeps ready in memory.", .least = 0, .most = 10'000'000},
      {.key = "sqlite.checkpoint_pages", .place = EDDA_AT(sqlite.checkpoint_pages), .fallback = "3000",
       .about = "Pages of 4 KiB in the write-ahead log before it is copied into the file.", .least = 100,
       .most = 1'000'000},
      {.key = "sqlite.writer_cache_kib", .place = EDDA_AT(sqlite.writer_cache_kib), .fallback = "24576",
       .about = "Page cache of the connection that writes.", .least = 1024, .most = 16 * mebi},
      {.key = "sqlite.reader_cache_kib", .place = EDDA_AT(sqlite.reader_cache_kib), .fallback = "4096",
       .about = "Page cache of each connection that reads.", .least = 256, .most = 16 * mebi},
      {.key = "sqlite.reader_threads", .place = EDDA_AT(sqlite.reader_threads), .fallback = "2",
       .about = "Connections that only read, each on a thread.", .least = 1, .most = 64},
      {.key = "sqlite.backups", .place = EDDA_AT(sqlite.backups), .fallback = "",
       .about = "Folder that backups are written into, each a folder of its own. Unset: backups, in the data folder.",
       .allowed = "a folder"},
  };
}

}  // namespace edda::config
