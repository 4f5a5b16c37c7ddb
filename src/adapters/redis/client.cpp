#include "redis/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <optional>

#include "async/task_group.hpp"
#include "redis/connection.hpp"

namespace edda::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// A server that owes an answer for so long is given up: the connection may be dead without a word.
constexpr milliseconds silence_max{1'000};

}  // namespace

/// The connection, and the calls that wait for it or for its answers. Everything on the executor's one thread.
class Client::Link : public std::enable_shared_from_this<Link> {
 public:
  Link(asio::any_io_executor executor, Clock& clock, ClientSettings settings)
      : executor_(executor), clock_(clock), settings_(std::move(settings)), tasks_(executor), pause_(settings_.first_pause) {}

  /// Reads the authorities. Errors: invalid_argument (of ca_file).
  Result<void> prepare() {
    if (!settings_.tls) return {};
    tls_.emplace(asio::ssl::context::tls_client);
    tls_->set_verify_mode(asio::ssl::verify_peer);
    boost::system::error_code unread;
    if (settings_.ca_file.empty())
      tls_->set_default_verify_paths(unread);
    else
      tls_->load_verify_file(settings_.ca_file, unread);
    if (unread) return fail(Errc::invalid_argument, "cannot be read: " + unread.message(), "redis.ca_file");
    return {};
  }

  Task<Result<Reply>> measured_call(std::string bytes, Deadline deadline) {
    // A caller that is cancelled must still learn whether its command may have been sent.
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto self = shared_from_this();
    const SteadyTime began = clock_.steady_now();
    auto reply = co_await call(std::move(bytes), deadline);
    if (settings_.call_seconds != nullptr)
      settings_.call_seconds->observe(std::chrono::duration<double>(clock_.steady_now() - began).count());
    if (!reply && settings_.failed_calls != nullptr) settings_.failed_calls->add();
    co_return reply;
  }

  Task<void> stop() {
    tasks_.close();
    end_connection("stopped");
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  Task<Result<Reply>> call(std::string bytes, Deadline deadline) {
    CO_TRY_VOID(may_enter());
    const auto until = std::min(deadline.at, clock_.steady_now() + settings_.patience);
    const auto call = std::make_shared<Call>(Call{std::move(bytes), asio::steady_timer(executor_, until), clock_.steady_now()});
    unsent_.push_back(call);
    go_on();
    if (!call->answer) co_await call->timer.async_wait(as_result);
    if (call->answer) co_return *std::move(call->answer);
    // Its answer, should it come, is still owed to it: it keeps its place among those that were sent.
    if (call->sent) co_return fail(Errc::outcome_unknown, "the Redis server did not answer in time");
    std::erase(unsent_, call);
    co_return fail(Errc::unavailable, "no connection to the Redis server in time");
  }

  struct Call {
    std::string bytes;
    asio::steady_timer timer;
    SteadyTime since;
    bool sent = false;
    std::optional<Result<Reply>> answer = {};
  };
  using CallPtr = std::shared_ptr<Call>;
  using ConnectionPtr = std::shared_ptr<Connection>;

  /// Refuses what would only wait in vain.
  Result<void> may_enter() {
    const SteadyTime now = clock_.steady_now();
    if (tasks_.closed()) return fail(Errc::unavailable, "the connection to the Redis server was ended");
    if (unsent_.size() + sent_.size() >= settings_.calls_max) return fail(Errc::overloaded, "too many commands wait for the Redis server");
    if (!sent_.empty() && now - sent_.front()->since > std::max(silence_max, settings_.patience)) end_connection("no answer for too long");
    const bool away = !connection_ && !connecting_ && now < next_try_;
    const bool slow = connecting_ && now - connecting_since_ > settings_.patience;
    if (away || slow) return fail(Errc::unavailable, "the Redis server cannot be reached: " + trouble_);
    if (!sent_.empty() && now - sent_.front()->since > settings_.patience)
      return fail(Errc::unavailable, "the Redis server does not answer");
    return {};
  }

  /// Whatever the waiting calls need next: a connection, or to be sent.
  void go_on() {
    if (unsent_.empty() || connecting_ || writing_) return;
    if (!connection_) {
      connecting_ = true;
      connecting_since_ = clock_.steady_now();
      tasks_.spawn(live());
    } else {
      writing_ = true;
      tasks_.spawn(send(connection_));
    }
  }

  /// A connection from its beginning to its end.
  Task<void> live() {
    auto opened = co_await Connection::open(executor_, clock_, settings_, tls_ ? &*tls_ : nullptr,
                                            clock_.deadline_in(settings_.connect_timeout));
    connecting_ = false;
    if (!opened || tasks_.closed()) {
      if (opened) (*opened)->close();
      end_connection(opened ? "stopped" : opened.error());
      pause_ = std::min(pause_ * 2, settings_.longest_pause);
      co_return;
    }
    connection_ = *std::move(opened);
    pause_ = settings_.first_pause;
    go_on();
    const ConnectionPtr mine = connection_;
    const std::string end = co_await receive(*mine);
    if (connection_ == mine) end_connection(end);
  }

  Task<void> send(ConnectionPtr connection) {
    while (connection_ == connection && !unsent_.empty()) {
      std::string bytes;
      for (; !unsent_.empty(); unsent_.pop_front()) {
        bytes += unsent_.front()->bytes;
        unsent_.front()->sent = true;
        sent_.push_back(std::move(unsent_.front()));
      }
      const auto written = co_await connection->write(std::move(bytes));
      if (!written && connection_ == connection) end_connection(written.error());
    }
    writing_ = false;
    go_on();
  }

  /// Gives the answers to their calls, in order; returns why it ended.
  Task<std::string> receive(Connection& connection) {
    std::string input;
    for (;;) {
      const auto arrived = co_await connection.read();
      if (!arrived) co_return arrived.error();
      input += *arrived;
      std::size_t taken = 0;
      for (;;) {
        auto parsed = parse_reply(std::string_view(input).substr(taken));
        if (!parsed) co_return parsed.error().message;
        if (!*parsed) break;
        if (sent_.empty()) co_return "the server answered what nobody asked";
        taken += (*parsed)->bytes;
        answer(sent_.front(), result_of(std::move((*parsed)->reply)));
        sent_.pop_front();
      }
      input.erase(0, taken);
    }
  }

  static Result<Reply> result_of(Reply reply) {
    if (reply.kind == Reply::Kind::error) return fail(Errc::unavailable, "the Redis server refused a command: " + reply.text);
    return reply;
  }

  static void answer(const CallPtr& call, Result<Reply> result) {
    call->answer = std::move(result);
    call->timer.cancel();
  }

  /// No call outlives its connection, and the next one begins after a pause.
  void end_connection(std::string why) {
    if (connection_) connection_->close();
    connection_.reset();
    trouble_ = std::move(why);
    next_try_ = clock_.steady_now() + pause_;
    for (const CallPtr& call : std::exchange(sent_, {}))
      answer(call, fail(Errc::outcome_unknown, "the connection to the Redis server broke: " + trouble_));
    for (const CallPtr& call : std::exchange(unsent_, {}))
      answer(call, fail(Errc::unavailable, "the Redis server cannot be reached: " + trouble_));
  }

  const asio::any_io_executor executor_;
  Clock& clock_;
  const ClientSettings settings_;
  std::optional<asio::ssl::context> tls_;
  TaskGroup tasks_;
  ConnectionPtr connection_;  ///< null: there is none
  bool connecting_ = false;
  bool writing_ = false;
  SteadyTime connecting_since_{};
  SteadyTime next_try_{};
  milliseconds pause_;
  std::string trouble_;  ///< why there is no connection
  std::deque<CallPtr> unsent_;
  std::deque<CallPtr> sent_;  ///< in the order in which their answers come; also of callers who went away
};

Result<std::unique_ptr<Client>> Client::open(asio::any_io_executor executor, Clock& clock, ClientSettings settings) {
  auto link = std::make_shared<Link>(executor, clock, std::move(settings));
  TRY_VOID(link->prepare());
  return std::unique_ptr<Client>(new Client(std::move(executor), std::move(link)));
}

Client::Client(asio::any_io_executor executor, std::shared_ptr<Link> link) : executor_(std::move(executor)), link_(std::move(link)) {}

Client::~Client() = default;

Task<Result<Reply>> Client::call(std::initializer_list<std::string_view> words, Deadline deadline) {
  return asio::co_spawn(executor_, link_->measured_call(encode_command(words), deadline), asio::use_awaitable);
}

Task<void> Client::stop() { co_await asio::co_spawn(executor_, link_->stop(), asio::use_awaitable); }

}  // namespace edda::redis
