#include "http/server_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace edda::http {

namespace asio = boost::asio;

template <class T>
T ServerFixture::on_thread(std::function<T()> work) {
  return asio::post(context_, std::packaged_task<T()>(std::move(work))).get();
}

void ServerFixture::start() {
  add_routes();
  server_ =
      std::make_unique<Server>(context_.get_executor(), router_, clock_, random_, ServerOptions{.limits = limits});
  const auto started = server_->start();
  ASSERT_TRUE(started.has_value()) << started.error().message;
  thread_ = std::thread([this] { context_.run(); });
}

void ServerFixture::add_routes() {
  const auto add = [this](Method method, std::string path, Handler handler) {
    router_.add({.method = method, .path = path, .name = path, .handler = std::move(handler), .any_body_type = true});
  };
  const auto stream = [](auto producer) {
    return [producer](Request&) -> Task<Response> { co_return event_stream(producer); };
  };
  const auto wait = [this]() -> Task<void> {
    boost::system::error_code ignored;
    co_await gate_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  };
  const auto echo = [](Request& request) -> Task<Response> {
    co_return text(200, std::to_string(request.body.size()));
  };

  add(Method::get, "/ok", [](Request&) -> Task<Response> { co_return text(200, "ok"); });
  add(Method::post, "/echo", echo);
  add(Method::post, "/v1/echo", echo);
  add(Method::get, "/n/{n}",
      [](Request& r) -> Task<Response> { co_return text(200, "n=" + std::string(r.param("n"))); });
  add(Method::get, "/forge",
      [](Request&) -> Task<Response> { co_return empty(200).set("X-Name", "a\r\nSet-Cookie: b"); });
  add(Method::get, "/large",
      [](Request&) -> Task<Response> { co_return text(200, std::string(large_answer_bytes, 'x')); });
  add(Method::get, "/wait", [wait](Request&) -> Task<Response> {
    co_await wait();
    co_return text(200, "waited");
  });
  add(Method::get, "/stream", stream([this](StreamWriter& writer) -> Task<void> {
        for (const char* event : {"data: 1\n\n", "data: 2\n\n"}) {
          co_await writer.write(event, clock_.deadline_in(std::chrono::seconds(60)));
        }
      }));
  add(Method::get, "/flood", stream([this](StreamWriter& writer) -> Task<void> {
        const std::string event(64 * 1024, 'x');
        while (co_await writer.write(event, clock_.deadline_in(std::chrono::milliseconds(100)))) {
        }
      }));
  add(Method::get, "/endless", stream([this, wait](StreamWriter& writer) -> Task<void> {
        co_await writer.write("data: first\n\n", clock_.deadline_in(std::chrono::seconds(60)));
        co_await wait();
        co_await writer.write("data: last\n\n", clock_.deadline_in(std::chrono::seconds(60)));
      }));
}

void ServerFixture::wait_until(const std::function<bool(const ServerCounts&)>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition(counts())) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "the server never came into the expected state";
    std::this_thread::yield();
  }
}

void ServerFixture::release_waiting() {
  asio::post(context_, [this] { gate_.cancel(); });
}

void ServerFixture::announce_stop() {
  on_thread<void>([this] { server_->announce_stop(); });
}

void ServerFixture::begin_stop(std::chrono::milliseconds drain) {
  stopping_ = asio::co_spawn(
      context_, [this, drain]() -> Task<void> { co_await server_->stop(clock_.deadline_in(drain)); }, asio::use_future);
}

void ServerFixture::finish_stop() {
  stopping_.get();
  work_.reset();
  thread_.join();
  server_.reset();
}

Error ServerFixture::try_second_server(ServerOptions options) {
  return on_thread<Error>([&] {
    Server second(context_.get_executor(), router_, clock_, random_, std::move(options));
    const auto started = second.start();
    return started ? Error{Errc::internal, "it started"} : started.error();
  });
}

}  // namespace edda::http
