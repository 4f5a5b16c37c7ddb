#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "base/result.hpp"

/// librdkafka's objects as owned things. Only for this folder's sources.
namespace edda::kafka {

template <auto destroy>
struct Destroyer {
  template <class T>
  void operator()(T* thing) const {
    destroy(thing);
  }
};

using Client = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using Conf = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using ClientEvent = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using ClientError = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using ReceivedMessage = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;

}  // namespace edda::kafka
