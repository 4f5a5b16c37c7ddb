#include "wiring/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace edda::wiring {
namespace {

namespace fs = std::filesystem;

struct Pages {
  unsigned long all = 0;
  unsigned long resident = 0;
};

Pages pages() {
  Pages found;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return found;
  if (std::fscanf(file, "%lu %lu", &found.all, &found.resident) != 2) found = {};
  std::fclose(file);
  return found;
}

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double open_files() {
  std::error_code failed;
  fs::directory_iterator files("/proc/self/fd", failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(files), end(files)));
}

double files_max() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::size_t resident_bytes() { return pages().resident * page_bytes(); }

void register_process(metrics::Registry& metrics, const fs::path& data, Timestamp started) {
  const auto gauge = [&](const char* name, const char* help, std::function<double()> read) {
    metrics.read_gauge(name, help, std::move(read));
  };
  metrics.read_counter("process_cpu_seconds", "User and system time in seconds.", cpu_seconds);
  gauge("process_open_fds", "Open file descriptors.", open_files);
  gauge("process_max_fds", "File descriptors that may be open.", files_max);
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", [] { return static_cast<double>(resident_bytes()); });
  gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", [] { return static_cast<double>(pages().all * page_bytes()); });
  gauge("process_start_time_seconds", "When the process started, since the epoch of Unix.",
        [started] { return std::chrono::duration<double>(started.time_since_epoch()).count(); });
  const auto space = [data](std::uintmax_t fs::space_info::* part) {
    std::error_code failed;
    const auto found = fs::space(data, failed);
    return failed ? 0.0 : static_cast<double>(found.*part);
  };
  gauge("edda_data_disk_free_bytes", "Of the disk of the data folder, what this process may still fill.",
        [space] { return space(&fs::space_info::available); });
  gauge("edda_data_disk_size_bytes", "Of the disk of the data folder.", [space] { return space(&fs::space_info::capacity); });
}

void register_components(metrics::Registry& metrics, const http::Lifecycle& lifecycle) {
  metrics.read_gauge(
      "edda_component_up",
      "1: the part is well; 0: it is away, or does worse than it should. Parts that are not configured have no sample.",
      {"component"}, [&lifecycle] {
        using Status = http::Component::Status;
        std::vector<metrics::Sample> samples;
        for (const auto& part : lifecycle.components())
          if (part.status != Status::not_configured)
            samples.push_back({{part.name}, part.status == Status::up ? 1.0 : 0.0});
        return samples;
      });
  metrics.read_gauge("edda_node_accepting", "1 between start and stop: the node takes requests.",
                     [&lifecycle] { return lifecycle.accepting() ? 1.0 : 0.0; });
}

void register_backups(metrics::Registry& metrics, std::function<std::optional<Timestamp>()> newest) {
  metrics.read_gauge("edda_backup_newest_timestamp_seconds",
                     "When the newest copy of the store was begun, since the epoch of Unix; 0: there is none.",
                     [newest = std::move(newest)] {
                       const auto at = newest();
                       return at ? std::chrono::duration<double>(at->time_since_epoch()).count() : 0.0;
                     });
}

void register_hashing(metrics::Registry& metrics, const crypto::HashingPool& hashing) {
  metrics.read_gauge("edda_password_hashing_queue_length", "Passwords that are being hashed, or wait for it.",
                     [&hashing] { return static_cast<double>(hashing.inside()); });
  metrics.read_counter("edda_password_hashing_refusals", "Passwords that were not hashed because too many waited.",
                       [&hashing] { return static_cast<double>(hashing.refused()); });
}

void register_log(metrics::Registry& metrics, const system::JsonLog& log) {
  metrics.read_counter("edda_log_entries_left_out", "Entries of the log that its limit left out.",
                       [&log] { return static_cast<double>(log.left_out()); });
}

void register_traces(metrics::Registry& metrics, const telemetry::TraceExport* traces) {
  const auto counter = [&](const char* name, const char* help, std::uint64_t telemetry::TraceStats::*field) {
    metrics.read_counter(name, help, [traces, field] { return traces != nullptr ? static_cast<double>(traces->stats().*field) : 0.0; });
  };
  using S = telemetry::TraceStats;
  counter("edda_trace_spans_exported", "Spans that the traces' collector took.", &S::exported);
  counter("edda_trace_spans_dropped", "Spans that were dropped: the queue was full, or the collector refused them.", &S::dropped);
  counter("edda_trace_batches_failed", "Requests to the traces' collector that failed, repeats included.", &S::failed_batches);
}

void register_front_door(metrics::Registry& metrics, const FrontDoor& door) {
  const auto gauge = [&](const char* name, const char* help, auto member) {
    metrics.read_gauge(name, help, [&door, member] { return static_cast<double>(door.counts().*member); });
  };
  const auto counter = [&](const char* name, const char* help, auto member) {
    metrics.read_counter(name, help, [&door, member] { return static_cast<double>(door.counts().*member); });
  };
  using C = http::ServerCounts;
  gauge("edda_http_connections", "Connections of clients that are open.", &C::connections);
  gauge("edda_http_requests_in_flight", "Requests that are being handled.", &C::requests_in_flight);
  counter("edda_http_refused_connections", "Connections refused because too many were open.", &C::refused_connections);
  counter("edda_http_refused_heads", "Requests refused for what stands in their head, before any route.", &C::refused_heads);
  counter("edda_http_timeouts", "Requests that did not arrive whole in time.", &C::timeouts);
  counter("edda_http_slow_readers_dropped", "Connections dropped because the client did not take its answer.", &C::slow_readers_dropped);
}

}  // namespace edda::wiring
