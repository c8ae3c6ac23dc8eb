// Package broker is the centre: it alone decides what happens next in a login.
//
// A front turns a protocol's request into a [Request] and calls [Broker.Open].
// The browser then holds the request, sealed and unchangeable, and goes to
// /login/{id}: the dispatcher. There [Next], a pure function, says the one next
// step: start a method, ask which, inform, finish, refuse. A provider proves
// one thing and comes back with [Evidence]; it never routes to another step.
//
//	front ──Open──► /login/{id} ──► provider ──Succeed(Evidence)──► /login/{id} ──► front.Answer
//
// What is proven, counted or decided lives in the login's row, which is written
// with the first challenge. Spending a secret, its evidence, the session and
// the finish are one transaction.
package broker
