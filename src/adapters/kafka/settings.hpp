#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace edda::kafka {

using std::chrono::milliseconds;

/// How a cluster is reached.
struct ConnectionSettings {
  std::vector<std::string> brokers;  ///< "host:port"; some of them are enough, they name the others
  std::string client_id = "edda";
  std::string topic_prefix = {};  ///< put before every topic's and group's name, so that several systems can share a cluster

  bool tls = false;
  std::string ca_file = {};           ///< PEM; empty: the system's authorities
  std::string certificate_file = {};  ///< PEM; empty: no certificate of ours is shown
  std::string key_file = {};          ///< PEM, of the certificate

  std::string sasl_mechanism = {};  ///< "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"; empty: no sign-in
  std::string user = {};
  std::string password = {};
};

/// What the sink publishes to.
struct FeedSettings {
  ConnectionSettings connection;
  std::int16_t replication = -1;     ///< of topics that are created; -1: as the brokers say
  bool traced = false;               ///< traces are kept here: an event without one is of none that is
  std::size_t waiting_max = 20'000;  ///< events between the store and their acknowledgement; further ones are not taken
};

/// How steps travel to workers and their answers back.
struct StepSettings {
  ConnectionSettings connection;
  std::int16_t replication = -1;
  std::size_t waiting_max = 20'000;
  /// How long a message may wait for a broker: a step's timeout, for after it nobody waits for its answer (R12).
  milliseconds message_timeout{10'000};
  /// Of both topics: a step that was not done in this time is sent again anyway.
  milliseconds retention{600'000};
};

/// `edda worker`.
struct WorkerSettings {
  ConnectionSettings connection;
  std::string group = "edda-workers";    ///< workers of one group share the steps
  std::size_t at_once = 64;              ///< steps performed at the same time
  milliseconds step_timeout{8'000};      ///< then it is answered "unknown"
};

}  // namespace edda::kafka
