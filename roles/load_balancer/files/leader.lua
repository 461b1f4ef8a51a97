-- Lets a new session of a service wait while no server of it leads, instead of refusing it: during a handover clients see a pause, not an error.
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- tcp-request content lua.await_leader SECONDS tls|plain
--
-- tls: the service begins with a handshake, and would log a connection that ends before it.
--
-- A host that has just died leads until its checks have failed. HAProxy would try to reach it for ten seconds, longer than the next leader
-- needs; so a leader is one that takes connections.
--
-- Interfaces: https://docs.haproxy.org/3.0/configuration.html (lua-load), and Proxy, Server and Socket in HAProxy's Lua documentation.

local PAUSE = 0.1 -- s
local PATIENCE = 1 -- s for one connection

local function seconds_now()
  local now = core.now()
  return now.sec + now.usec / 1000000
end

local function takes_connections(server, kind)
  local host, port = server:get_addr():match("^(.*):(%d+)$")
  local socket = core.tcp()
  socket:settimeout(PATIENCE)
  local connect = kind == "tls" and socket.connect_ssl or socket.connect
  local connected = connect(socket, host, tonumber(port))
  socket:close()
  return connected == 1
end

local function somebody_leads(service, kind)
  for _, server in pairs(service.servers) do
    if server:get_stats().status:match("^UP") and takes_connections(server, kind) then
      return true
    end
  end
  return false
end

local function await_leader(session, seconds, kind)
  local service = core.backends[session.f:fe_name()]
  local last = seconds_now() + tonumber(seconds)
  while not somebody_leads(service, kind) and seconds_now() < last do
    core.msleep(PAUSE * 1000)
  end
end

core.register_action("await_leader", { "tcp-req" }, await_leader, 2)
