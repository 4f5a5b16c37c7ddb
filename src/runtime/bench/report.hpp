#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.hpp"
#include "bench/histogram.hpp"
#include "bench/load.hpp"

namespace edda::bench {

/// {"count", "p50", "p99", "p99_9", "max"} in milliseconds.
boost::json::object json_of(const Histogram& micros);
boost::json::object json_of(const LoadResult& result);

/// What the suite does next, to stderr.
void say(const std::string& what);

/// What a load run did, for people.
std::string text_of(const LoadResult& result);

/// The suite's figures beside what they should be, for people.
std::string table_of(const boost::json::object& figures);

/// To a file, or to stdout for "-"; nothing for "". Errors: unavailable.
Result<void> write_json(const std::string& where, const boost::json::object& value);

}  // namespace edda::bench
