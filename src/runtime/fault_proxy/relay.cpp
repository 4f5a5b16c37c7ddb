#include "fault_proxy/relay.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

namespace edda::fault_proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::chrono::seconds connect_timeout{5};

}  // namespace

Relay::Relay(std::shared_ptr<Link> link, Socket client)
    : link_(std::move(link)),
      number_(++link_->accepted),
      client_(std::move(client)),
      server_(client_.get_executor()),
      up_(Way::up, client_, server_),
      down_(Way::down, server_, client_) {
  link_->open.insert(this);
}

Relay::~Relay() { link_->open.erase(this); }

void Relay::start() {
  asio::co_spawn(client_.get_executor(), [self = shared_from_this()] { return self->run(); }, asio::detached);
}

void Relay::cut() {
  if (!open_) return;
  open_ = false;
  Code ignored;
  for (Socket* socket : {&client_, &server_}) {
    socket->set_option(asio::socket_base::linger(true, 0), ignored);  // closing it then resets the connection
    socket->close(ignored);
  }
  wake();
}

void Relay::wake() {
  up_.timer.cancel();
  down_.timer.cancel();
}

Task<void> Relay::run() {
  co_await hold(up_);
  if (!open_ || !co_await connect()) co_return cut();
  for (Half* half : {&up_, &down_})
    asio::co_spawn(client_.get_executor(), [self = shared_from_this(), half] { return self->pump(*half); }, asio::detached);
}

Task<bool> Relay::connect() {
  asio::steady_timer watchdog(client_.get_executor(), connect_timeout);
  watchdog.async_wait([weak = weak_from_this()](const Code& cancelled) {
    if (const auto self = weak.lock(); self && !cancelled) self->cut();
  });
  Code code;
  std::vector<tcp::endpoint> found{{asio::ip::make_address(link_->to.host, code), link_->to.port}};
  if (code) {
    tcp::resolver resolver(client_.get_executor());
    const auto [unknown, names] = co_await resolver.async_resolve(link_->to.host, std::to_string(link_->to.port), as_result);
    found.assign(names.begin(), names.end());
  }
  if (!open_ || found.empty()) co_return false;
  const auto [refused, where] = co_await asio::async_connect(server_, found, as_result);
  if (refused || !open_) co_return false;
  for (Socket* socket : {&client_, &server_}) socket->set_option(tcp::no_delay(true), code);
  co_return true;
}

Task<void> Relay::pump(Half& half) {
  while (open_) {
    const auto [code, count] = co_await half.from.async_read_some(asio::buffer(half.data), as_result);
    co_await hold(half);
    if (code && code != asio::error::eof) cut();
    if (code || !co_await pass_on(half, count)) break;
  }
  Code ignored;
  if (open_) half.to.shutdown(Socket::shutdown_send, ignored);
  if (++ended_ == 2 && open_) {
    open_ = false;
    client_.close(ignored);
    server_.close(ignored);
  }
}

/// False when the connection was cut.
Task<bool> Relay::pass_on(Half& half, std::size_t count) {
  if (link_->faults.delay.count() > 0) co_await pause(half, link_->faults.delay);
  std::size_t done = 0;
  while (open_ && done < count) {
    co_await hold(half);
    draw(half);
    std::size_t next = count - done;
    if (half.fate && half.fate->after < next) next = static_cast<std::size_t>(half.fate->after);
    const auto [code, sent] = co_await asio::async_write(half.to, asio::buffer(half.data.data() + done, next), as_result);
    if (code) cut();
    done += sent;
    link_->bytes[static_cast<std::size_t>(half.way)] += sent;
    if (half.fate && (half.fate->after -= std::min<std::uint64_t>(half.fate->after, sent)) == 0) co_await meet_fate(half);
  }
  co_return open_;
}

Task<void> Relay::meet_fate(Half& half) {
  const Fate fate = *half.fate;
  half.fate.reset();
  if (half.budgets != link_->faults.budgets) co_return;  // it was drawn under faults that are over
  if (fate.cut) {
    if (open_) ++link_->cut;
    co_return cut();
  }
  half.fate = draw_fate(link_->faults, link_->seed, number_, half.way, ++half.drawn);
  co_await pause(half, fate.stall);
}

void Relay::draw(Half& half) {
  if (half.budgets == link_->faults.budgets) return;
  half.budgets = link_->faults.budgets;
  half.fate = draw_fate(link_->faults, link_->seed, number_, half.way, ++half.drawn);
}

Task<void> Relay::hold(Half& half) {
  while (open_ && link_->faults.stalled) {
    half.timer.expires_at(asio::steady_timer::time_point::max());
    co_await half.timer.async_wait(as_result);
  }
}

/// Ends early when the faults change.
Task<void> Relay::pause(Half& half, std::chrono::milliseconds length) {
  const std::uint64_t era = link_->faults.era;
  half.timer.expires_after(length);
  while (open_ && era == link_->faults.era && std::chrono::steady_clock::now() < half.timer.expiry())
    co_await half.timer.async_wait(as_result);
}

}  // namespace edda::fault_proxy
