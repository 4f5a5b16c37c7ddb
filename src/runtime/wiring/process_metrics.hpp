#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/timestamp.hpp"
#include "crypto/hashing_pool.hpp"
#include "http/routes/api.hpp"
#include "metrics/registry.hpp"
#include "wiring/front_door.hpp"

namespace edda::wiring {

/// Bytes of memory this process has resident; 0 where the system does not tell.
std::size_t resident_bytes();

// All that these are given must live as long as the registry is read.

/// Processor, memory, files, and the disk of the data folder. Names: prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics.
void register_process(metrics::Registry& metrics, const std::filesystem::path& data, Timestamp started);
/// How each part is that can be away: what /health/detailed says.
void register_components(metrics::Registry& metrics, const http::Lifecycle& lifecycle);
/// `newest`: when the newest copy of the store was begun.
void register_backups(metrics::Registry& metrics, std::function<std::optional<Timestamp>()> newest);
void register_hashing(metrics::Registry& metrics, const crypto::HashingPool& hashing);
void register_log(metrics::Registry& metrics, const system::JsonLog& log);
/// `traces` null: all are zero.
void register_traces(metrics::Registry& metrics, const telemetry::TraceExport* traces);
void register_front_door(metrics::Registry& metrics, const FrontDoor& door);

}  // namespace edda::wiring
