"""Accounts under /v1: registration, sessions, rotation, what the admin may do to them."""

import pytest
from harness_client import Client, fresh


def refresh(client, token, expect=200):
    return client.as_nobody().post("/v1/auth/refresh", {"refresh_token": token}, expect).json()


def with_token(client, token):
    return Client(client.server, client.document, token)


def test_register_and_log_in(anonymous):
    body = {"email": f"{fresh('v1')}@example.com", "password": "long enough", "first_name": "Ada", "last_name": "Lovelace"}
    answer = anonymous.post("/v1/auth/register", body).json()
    assert (answer["user"]["email"], answer["user"]["role"], answer["user"]["status"]) == (body["email"], "customer", "active")
    assert answer["expires_in"] == 24 * 3600
    again = anonymous.post("/v1/auth/login", {"email": body["email"], "password": body["password"]}, 200).json()
    assert again["user"]["id"] == answer["user"]["id"]
    anonymous.post("/v1/auth/register", body, 409)


@pytest.mark.parametrize(("fields", "pointer"), [
    ({"email": "nobody"}, "/email"), ({"password": "short"}, "/password"), ({"password": "x" * 2000}, "/password"),
    ({"first_name": "x" * 51}, "/first_name"), ({"last_name": None}, "/last_name"), ({"role": "admin"}, "/role"),
])
def test_a_malformed_registration(anonymous, fields, pointer):
    body = {"email": f"{fresh('v1')}@example.com", "password": "long enough", "first_name": "Ada", "last_name": "Lovelace"}
    answer = anonymous.post("/v1/auth/register", body | fields, 400).json()
    assert pointer in [error["pointer"] for error in answer["errors"]]


def test_login_tells_nobody_whether_the_address_exists(anonymous, customer):
    answers = [anonymous.post("/v1/auth/login", {"email": email, "password": "not this one"}, 401).json()
               for email in (customer.user["email"], "x" + customer.user["email"])]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


def test_a_spent_refresh_token_ends_the_session(customer):
    first = customer.refresh_token
    second = refresh(customer, first)
    third = refresh(customer, second["refresh_token"])
    with_token(customer, third["access_token"]).get("/v1/auth/sessions")
    refresh(customer, first, 401)  # a copy: somebody has stolen it
    refresh(customer, third["refresh_token"], 401)  # so the whole family is void
    with_token(customer, third["access_token"]).get("/v1/auth/sessions", 401)


def test_a_refresh_whose_answer_was_lost_may_be_repeated_at_once(customer):
    refresh(customer, customer.refresh_token)
    again = refresh(customer, customer.refresh_token)
    with_token(customer, again["access_token"]).get("/v1/auth/sessions")
    refresh(customer, again["refresh_token"])


def test_an_access_token_refreshes_nothing(customer):
    refresh(customer, customer.token, 401)
    refresh(customer, "nonsense", 401)


def test_logout_ends_one_session(customer):
    other = customer.log_in(customer.user["email"], customer.password)
    customer.call("POST", "/v1/auth/logout", 204)
    customer.get("/v1/auth/sessions", 401)
    refresh(customer, customer.refresh_token, 401)
    assert len(other.get("/v1/auth/sessions").json()["sessions"]) == 1


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/auth/logout-all"), ("DELETE", "/v1/auth/sessions")])
def test_all_sessions_end(customer, method, path):
    other = customer.log_in(customer.user["email"], customer.password)
    customer.call(method, path, 204)
    for client in (customer, other):
        client.get("/v1/auth/sessions", 401)
    refresh(customer, customer.refresh_token, 401)


def test_end_another_session(customer, stranger):
    other = customer.log_in(customer.user["email"], customer.password)
    sessions = customer.get("/v1/auth/sessions").json()["sessions"]
    assert sorted(session["current"] for session in sessions) == [False, True]
    victim = next(session["id"] for session in sessions if not session["current"])
    stranger.call("DELETE", f"/v1/auth/sessions/{victim}", 404)
    customer.call("DELETE", f"/v1/auth/sessions/{victim}", 204)
    other.get("/v1/auth/sessions", 401)
    customer.get("/v1/auth/sessions", 200)


def test_the_admin_changes_a_role(admin, customer):
    path = f"/v1/users/{customer.user['id']}"
    changed = admin.patch(path, {"role": "merchant", "reason": "sells books"}).json()
    assert changed["role"] == "merchant"
    customer.get("/v1/orders", 401)  # tokens given out before are void
    again = customer.log_in(customer.user["email"], customer.password)
    assert again.get("/auth/profile").json()["role"] == "merchant"
    entry = admin.get(f"/v1/audit?subject={customer.user['id']}").json()["entries"][0]
    assert (entry["actor_id"], entry["actor_email"], entry["reason"]) == (admin.user["id"], admin.user["email"], "sells books")


def test_users_are_found(admin, customer):
    assert [user["id"] for user in admin.get("/v1/users", params={"email": customer.user["email"]}).json()["users"]] == [
        customer.user["id"]]
    assert admin.get(f"/v1/users/{customer.user['id']}").json() == customer.user
    assert all(user["role"] == "admin" for user in admin.get("/v1/users?role=admin").json()["users"])
    for body in ({}, {"role": "king"}, {"status": None}, {"email": "x@example.com"}):
        admin.patch(f"/v1/users/{customer.user['id']}", body, 400)
    admin.patch("/v1/users/01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10", {"role": "admin"}, 404)


def test_the_last_admin_stays(admin):
    # Other tests of this server may have appointed further ones.
    for user in admin.get("/v1/users", params={"limit": 100, "role": "admin"}).json()["users"]:
        if user["id"] != admin.user["id"]:
            admin.patch(f"/v1/users/{user['id']}", {"role": "customer"})
    admin.patch(f"/v1/users/{admin.user['id']}", {"role": "customer"}, 409)
    admin.patch(f"/v1/users/{admin.user['id']}", {"status": "inactive"}, 409)


def test_users_page_by_page(admin, customer, stranger):
    seen, cursor = [], None
    while True:
        page = admin.get("/v1/users", params={"limit": 100} | ({"cursor": cursor} if cursor else {})).json()
        seen += [user["id"] for user in page["users"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert len(seen) == len(set(seen)) and {customer.user["id"], stranger.user["id"]} <= set(seen)
