"""The replaced system's clients: accounts and tokens, to the field."""

import base64
import json

import pytest
from harness_client import fresh


def registration(**fields):
    return {"email": f"{fresh('old')}@example.com", "password": "long enough", "firstName": "Ada", "lastName": "Lovelace"} | fields


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_register_signs_in(anonymous):
    body = registration()
    answer = anonymous.post("/auth/register", body, 201).json()
    assert answer["user"] == {"id": answer["user"]["id"], "email": body["email"], "firstName": "Ada", "lastName": "Lovelace",
                              "role": "customer", "status": "active"}
    profile = anonymous.get("/auth/profile", headers=bearer(answer["accessToken"])).json()
    assert (profile["email"], profile["fullName"], profile["emailVerified"]) == (body["email"], "Ada Lovelace", False)


def test_tokens_have_the_claims_that_clients_read(anonymous):
    answer = anonymous.post("/auth/register", registration(), 201).json()
    seen = claims(answer["accessToken"])
    assert (seen["sub"], seen["email"], seen["role"]) == (answer["user"]["id"], answer["user"]["email"], "customer")
    assert seen["exp"] - seen["iat"] == 24 * 3600
    assert {"iss", "aud", "typ"} <= set(seen) | set(json.loads(base64.urlsafe_b64decode(answer["accessToken"].split(".")[0] + "==")))


@pytest.mark.parametrize(("fields", "message"), [
    ({"email": "nobody"}, "email must be an email"),
    ({"password": "short"}, "password must be longer than or equal to 8 characters"),
    ({"firstName": "x" * 51}, "firstName must be shorter than or equal to 50 characters"),
    ({"lastName": 7}, "lastName must be a string"),
    ({"foo": 1}, "property foo should not exist"),
    ({"role": "admin"}, "property role should not exist"),
])
def test_register_says_what_is_wrong(anonymous, fields, message):
    answer = anonymous.post("/auth/register", registration(**fields), 400).json()
    assert message in answer["message"]
    assert (answer["error"], answer["statusCode"]) == ("Bad Request", 400)


def test_lengths_count_code_points(anonymous):
    anonymous.post("/auth/register", registration(firstName="🚀" * 50), 201)
    anonymous.post("/auth/register", registration(firstName="🚀" * 51), 400)


def test_an_address_registers_once(anonymous):
    body = registration()
    anonymous.post("/auth/register", body, 201)
    answer = anonymous.post("/auth/register", body, 409).json()
    assert (answer["message"], answer["statusCode"]) == ("Email already exists", 409)


def test_addresses_are_case_sensitive(anonymous):
    body = registration()
    anonymous.post("/auth/register", body, 201)
    anonymous.post("/auth/register", body | {"email": body["email"].replace("old", "OLD")}, 201)


def test_login_gives_what_register_gives(anonymous):
    body = registration()
    registered = anonymous.post("/auth/register", body, 201).json()
    answer = anonymous.post("/auth/login", {"email": body["email"], "password": body["password"], "remember": True}, 200).json()
    assert answer["user"] == registered["user"]


def test_login_tells_nobody_whether_the_address_exists(anonymous):
    body = registration()
    anonymous.post("/auth/register", body, 201)
    wrong = anonymous.post("/auth/login", {"email": body["email"], "password": "not this one"}, 401).json()
    unknown = anonymous.post("/auth/login", {"email": "x" + body["email"], "password": "not this one"}, 401).json()
    assert wrong == unknown
    assert (wrong["message"], wrong["statusCode"]) == ("Invalid credentials", 401)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer not.a.token"},
                                     {"Authorization": "Basic YTpi"},
                                     {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}])
def test_no_token_no_entry(anonymous, headers):
    for path in ("/auth/profile", "/protected", "/orders", "/sagas", "/trace/events"):
        assert anonymous.get(path, 401, headers=headers).json() == {"message": "Unauthorized", "statusCode": 401}


def test_a_forged_token_is_refused(anonymous):
    token = anonymous.post("/auth/register", registration(), 201).json()["accessToken"]
    head, body, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims(token) | {"role": "admin"}).encode()).decode().rstrip("=")
    anonymous.get("/auth/profile", 401, headers=bearer(f"{head}.{forged}.{signature}"))


def test_a_refresh_token_opens_nothing(anonymous):
    token = anonymous.post("/auth/register", registration(), 201).json()["refreshToken"]
    anonymous.get("/auth/profile", 401, headers=bearer(token))


def test_logout_answers_as_before(anonymous):
    token = anonymous.post("/auth/register", registration(), 201).json()["accessToken"]
    answer = anonymous.post("/auth/logout", expect=200, headers=bearer(token)).json()
    assert answer == {"message": "Logout successful"}
    anonymous.get("/auth/profile", 200, headers=bearer(token))
    anonymous.post("/auth/logout", expect=401)


def test_protected_greets(customer):
    answer = customer.get("/protected").json()
    assert answer["message"] == "인증된 사용자만 볼 수 있는 데이터입니다! 🔒"
    assert answer["user"] == {"id": customer.user["id"], "email": customer.user["email"], "role": "customer"}


def test_a_disabled_account_is_shut_out(admin, customer):
    admin.patch(f"/v1/users/{customer.user['id']}", {"status": "suspended"})
    customer.get("/auth/profile", 401)
    answer = customer.as_nobody().post(
        "/auth/login", {"email": customer.user["email"], "password": customer.password}, 401).json()
    assert answer["message"] == "Account is not active"
