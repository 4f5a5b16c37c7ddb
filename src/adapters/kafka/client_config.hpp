#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "kafka/handles.hpp"
#include "kafka/settings.hpp"

namespace edda::kafka {

using Options = std::initializer_list<std::pair<std::string_view, std::string>>;

/// librdkafka's configuration: how to connect, what holds for every client of ours, and `more`.
/// Errors: invalid_argument, naming the option; never its value.
Result<Conf> make_conf(const ConnectionSettings& connection, Options more);

/// Producer or consumer. Errors: invalid_argument.
Result<Client> open_client(rd_kafka_type_t type, Conf conf);

}  // namespace edda::kafka
