#include "owner/commit_signal.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/assert.hpp"

namespace edda::owner {

namespace asio = boost::asio;

struct CommitSignal::Waiter {
  Waiter(const asio::any_io_executor& on, SteadyTime until) : executor(on), timer(on, until) {}

  asio::any_io_executor executor;
  asio::steady_timer timer;  ///< touched on `executor` only
  bool told = false;         ///< a wake-up is on its way; guarded by the signal's mutex
};

// Stands in the list for as long as the wait lasts, however it ends.
class CommitSignal::Enrolment {
 public:
  Enrolment(CommitSignal& signal, std::shared_ptr<Waiter> waiter) : signal_(signal) {
    const std::scoped_lock lock(signal_.mutex_);
    place_ = signal_.waiters_.insert(signal_.waiters_.end(), std::move(waiter));
    signal_.waiting_.fetch_add(1);
  }
  ~Enrolment() {
    const std::scoped_lock lock(signal_.mutex_);
    signal_.waiters_.erase(place_);
    signal_.waiting_.fetch_sub(1);
  }
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;

 private:
  CommitSignal& signal_;
  std::list<std::shared_ptr<Waiter>>::iterator place_;
};

CommitSignal::~CommitSignal() { EDDA_ASSERT(waiters_.empty()); }

void CommitSignal::notify() {
  // Sequentially consistent on both sides: a waiter enrols and then looks at commits_, we count and then look at waiting_, so one of
  // the two sees the other.
  commits_.fetch_add(1);
  if (waiting_.load() == 0) return;
  const std::scoped_lock lock(mutex_);
  for (const std::shared_ptr<Waiter>& waiter : waiters_) {
    if (std::exchange(waiter->told, true)) continue;
    asio::post(waiter->executor, [waiter] { waiter->timer.expires_at(SteadyTime::min()); });
  }
}

Task<void> CommitSignal::wait(std::uint64_t& seen, Deadline deadline) {
  const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor, deadline.at);
  {
    const Enrolment enrolment(*this, waiter);
    if (commits_.load() == seen) {
      boost::system::error_code ignored;
      co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }
  seen = commits_.load();
}

}  // namespace edda::owner
