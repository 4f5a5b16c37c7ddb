#include "http/routes/v1_follower.hpp"

#include <fmt/format.h>

#include <iterator>
#include <memory>

#include "http/routes/v1_render.hpp"
#include "owner/commit_signal.hpp"

namespace edda::http::v1 {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t events_at_once = 256;
constexpr milliseconds poll{1'000};  // the net under the commit signal (R10)
constexpr milliseconds pause{20};    // between two looks: a busy log is read in pages, not event by event

}  // namespace

Follower::Follower(Context context, StreamPlace place, queries::Positions from, queries::EventQuery query, NameEvent name)
    : context_(context), place_(std::move(place)), at_(std::move(from)), query_(std::move(query)), name_(std::move(name)),
      sent_at_(context.api.clock.steady_now()) {}

Result<Response> Follower::open(Context context, queries::Positions from, queries::EventQuery query, NameEvent name) {
  TRY(auto place, StreamPlace::take(context.operations));
  auto follower = std::make_unique<Follower>(context, std::move(place), std::move(from), std::move(query), std::move(name));
  return event_stream([follower = std::move(follower)](StreamWriter& writer) { return follower->run(writer); });
}

Task<void> Follower::run(StreamWriter& writer) {
  auto& clock = context_.api.clock;
  bool open = co_await send(writer, ": from here on\n\n");
  while (open) {
    // Read before the log is: a commit in between wakes us at once.
    auto seen = context_.api.commits.current();
    const auto looked_at = clock.steady_now();
    open = co_await send_new_events(writer);
    if (!open) break;
    co_await context_.api.commits.wait(seen, clock.deadline_in(poll));
    co_await clock.sleep_until(looked_at + pause);
    if (clock.steady_now() - sent_at_ >= stream_heartbeat) open = co_await send(writer, still_here);
  }
}

Task<bool> Follower::send_new_events(StreamWriter& writer) {
  for (;;) {
    auto page = co_await context_.operations.feed.after(at_, query_, events_at_once, read_, context_.api.deadline());
    if (!page) co_return false;
    std::string text = render(*page);
    at_ = std::move(page->next);
    if (!text.empty() && !co_await send(writer, text)) co_return false;
    if (page->has_more) continue;
    read_ = queries::EventFeed::Read::follow;
    co_return true;
  }
}

Task<bool> Follower::send(StreamWriter& writer, std::string_view text) {
  const auto written = co_await writer.write(text, context_.api.clock.deadline_in(stream_write_timeout));
  if (!written) co_return false;
  sent_at_ = context_.api.clock.steady_now();
  co_return true;
}

std::string Follower::render(const queries::EventPage& page) {
  std::string text;
  for (const queries::EventPtr& event : page.events) {
    at_[event->shard.value] = event->position;
    JsonWriter json;
    write_event(json, *event);
    fmt::format_to(std::back_inserter(text), "id: {}\nevent: {}\ndata: {}\n\n", name_(*event, at_), event->type,
                   json.text());
  }
  return text;
}

}  // namespace edda::http::v1
