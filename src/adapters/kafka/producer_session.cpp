#include "kafka/producer_session.hpp"

#include <fmt/format.h>

#include <array>

namespace edda::kafka {
namespace {

constexpr milliseconds look_every{1'000};
constexpr milliseconds look_limit{300};

/// Taken over by librdkafka with the message.
rd_kafka_headers_t* make_headers(const Message& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  message.headers.for_each([&](std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  });
  return headers;
}

Error not_delivered(std::string_view topic, rd_kafka_resp_err_t why) {
  return {Errc::unavailable, fmt::format("Kafka did not take a message for {}: {}", topic, rd_kafka_err2str(why))};
}

}  // namespace

Producer::Session::Session(Client client, const ProducerSettings& settings)
    : settings_(settings), client_(std::move(client)), queue_(rd_kafka_queue_get_main(client_.get())) {}

Producer::Session::~Session() {
  // What is purged is reported; nobody asks for that any more.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void Producer::Session::feed() {
  while (!broken_ && !backlog_.empty()) {
    const auto batch = backlog_.front();
    if (!put(*batch)) return;
    backlog_.pop_front();
  }
}

rd_kafka_resp_err_t Producer::Session::produce(const Message& message, const std::string& topic, Batch* batch) {
  rd_kafka_headers_t* headers = make_headers(message);
  std::array<rd_kafka_vu_t, 7> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = message.partition;
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_KEY;
  parts[3].u.mem = {const_cast<char*>(message.key.data()), message.key.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[4].u.mem = {const_cast<char*>(message.value.data()), message.value.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = batch;
  parts[6].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[6].u.headers = headers;
  const ClientError failed(rd_kafka_produceva(client_.get(), parts.data(), parts.size()));
  if (!failed) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_headers_destroy(headers);
  return rd_kafka_error_code(failed.get());
}

/// False when the client is full: the rest of the batch goes on later.
bool Producer::Session::put(Batch& batch) {
  while (!batch.ended && batch.next < batch.messages.size()) {
    const Message& message = batch.messages[batch.next];
    const std::string topic = settings_.connection.topic_prefix + message.topic;
    const auto error = produce(message, topic, &batch);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++batch.next;
      in_client_.try_emplace(&batch, backlog_.front());
      continue;
    }
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    // Refused here and now (too large, say): what stands before it in the batch is out, what stands behind it is not.
    settle(batch, std::unexpected(not_delivered(topic, error)));
    if (batch.reported == batch.next) in_client_.erase(&batch);
  }
  return true;
}

void Producer::Session::poll(milliseconds wait) {
  auto left = static_cast<int>(wait.count());
  while (const ClientEvent event{rd_kafka_queue_poll(queue_.get(), left)}) {
    on_event(*event);
    left = 0;
    if (broken_) return;
  }
  if (away_) look_for_a_broker();
}

/// With nothing to send no connection is made by itself.
void Producer::Session::look_for_a_broker() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_every;
  const rd_kafka_metadata_t* answer = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &answer, static_cast<int>(look_limit.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  rd_kafka_metadata_destroy(answer);
  away_ = false;
}

void Producer::Session::on_event(rd_kafka_event_t& event) {
  switch (rd_kafka_event_type(&event)) {
    case RD_KAFKA_EVENT_DR:
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(&event)) on_report(*message);
      break;
    case RD_KAFKA_EVENT_ERROR: on_error(event); break;
    default: break;
  }
}

void Producer::Session::on_report(const rd_kafka_message_t& message) {
  const auto found = in_client_.find(static_cast<Batch*>(message._private));
  if (found == in_client_.end()) return;
  const std::shared_ptr<Batch> batch = found->second;
  ++batch->reported;
  if (batch->reported == batch->next && (batch->ended || batch->next == batch->messages.size())) in_client_.erase(found);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Error error = not_delivered(rd_kafka_topic_name(message.rkt), message.err);
    settle(*batch, std::unexpected(error));
    if (settings_.ordered && !broken_) broken_ = error;
    return;
  }
  away_ = false;
  if (++batch->acknowledged == batch->messages.size()) settle(*batch, {});
}

void Producer::Session::on_error(rd_kafka_event_t& event) {
  const auto code = rd_kafka_event_error(&event);
  Error error{Errc::unavailable, fmt::format("Kafka: {}", rd_kafka_err2str(code))};
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 256> reason{};
    const auto fatal = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
    error.message = fmt::format("Kafka's producer is beyond repair: {}", rd_kafka_err2str(fatal));
    broken_ = std::move(error);
    return;
  }
  away_ = away_ || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  complaint_ = std::move(error);
}

void Producer::Session::settle(Batch& batch, Result<void> result) {
  if (batch.ended) return;
  batch.ended = true;
  (result ? settled_.delivered : settled_.failed) += batch.messages.size();
  batch.done(std::move(result));
}

void Producer::Session::fail_all(const Error& error) {
  for (const auto& [key, batch] : in_client_) settle(*batch, std::unexpected(error));
  for (const auto& batch : backlog_) settle(*batch, std::unexpected(error));
}

}  // namespace edda::kafka
