#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/secret.hpp"

namespace edda::config {

enum class Mode { development, production, demo };
enum class LogLevel { debug, info, warn, error };

/// What makes two orders the same one: their set of products (held for ever), or the client's key alone.
enum class DuplicateRule { product, key };

/// Every setting, grouped as in the file. What each means, its bounds and its default stand in one table (settings.cpp), from
/// which docs/configuration.md is made; the values here are what that table fills in.
struct Config {
  struct {
    std::string host;
    std::uint16_t port{};
    std::string node_id;
    std::string data;
    Mode mode{};
    LogLevel log_level{};
    std::size_t log_rate_max{};
    std::chrono::milliseconds stop_delay{};
    std::chrono::milliseconds drain_timeout{};
  } server;

  struct {
    std::string host;
    std::uint16_t port{};
    std::string name;
    std::string user;
    Secret password;
    std::string tls;
    std::string ca_file;
    std::size_t connections_max{};
    std::uint16_t shards{};
  } database;

  struct {
    std::chrono::milliseconds lease{};
  } cluster;

  struct {
    std::string host;
    std::uint16_t port{};
    std::string user;
    Secret password;
    std::size_t db{};
    bool tls{};
    std::string ca_file;
  } redis;

  struct {
    std::vector<std::string> brokers;
    std::string client_id;
    std::string protocol;
    std::string sasl_mechanism;
    std::string user;
    Secret password;
    std::string ca_file;
    std::uint16_t replication{};
  } kafka;

  struct {
    std::string payment_processing;
  } steps;

  struct {
    Secret jwt_secret;          ///< empty: made once, in the store
    Secret jwt_refresh_secret;  ///< empty: made once, in the store
    std::chrono::milliseconds access_expires_in{};
    std::chrono::milliseconds refresh_expires_in{};
    bool accept_legacy_tokens{};
    std::string admin_email;
    Secret admin_password;  ///< empty: made up once (design R24)
    std::size_t hashing_concurrency{};
    std::size_t hashing_queue_max{};
    std::size_t logins_per_account{};
    std::size_t logins_per_address{};
    std::size_t registrations_per_address{};
    std::size_t refreshes_per_address{};
  } auth;

  struct {
    std::string currency;
    DuplicateRule duplicates{};
    std::size_t approval_above{};  ///< minor units; 0: no order waits
  } orders;

  struct {
    double success_rate{};
    std::chrono::milliseconds latency_min{};
    std::chrono::milliseconds latency_max{};
    bool simulator_in_production{};
  } payment;

  struct {
    std::string url;  ///< empty: the simulator in this process
    Secret secret;
    std::string name;
    Secret webhook_secret;  ///< empty: webhooks are not taken
    std::chrono::milliseconds timeout{};
    std::size_t connections_max{};
    std::size_t breaker_failures{};
    double breaker_rate{};
    std::chrono::milliseconds breaker_pause{};
    std::chrono::milliseconds breaker_pause_max{};
  } gateway;

  struct {
    std::size_t connections_max{};
    std::size_t requests_in_flight_max{};
    std::size_t head_bytes_max{};
    std::size_t headers_max{};
    std::size_t body_bytes_max{};
    std::size_t v1_body_bytes_max{};
    std::chrono::milliseconds head_timeout{};
    std::chrono::milliseconds body_timeout{};
    std::chrono::milliseconds idle_timeout{};
    std::chrono::milliseconds write_timeout{};
    std::chrono::milliseconds request_timeout{};
    std::vector<std::string> trusted_proxies;
    bool cors_open{};
    bool open_test_routes{};
  } http;

  struct {
    std::size_t count{};
    std::size_t queue_max{};
    std::size_t batch_max{};
    std::size_t cases_max{};
  } lanes;

  struct {
    std::size_t checkpoint_pages{};
    std::size_t writer_cache_kib{};
    std::size_t reader_cache_kib{};
    std::size_t reader_threads{};
    std::string backups;
  } sqlite;

  struct {
    std::string endpoint;
    std::string traces_endpoint;
    Secret headers;
    std::string sampler;
    double sampler_arg{};
    std::string service_name;
    std::size_t queue_max{};
    std::size_t batch_max{};
    std::chrono::milliseconds delay{};
    std::chrono::milliseconds timeout{};
  } tracing;
};

}  // namespace edda::config
