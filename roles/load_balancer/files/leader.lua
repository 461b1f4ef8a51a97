-- Lets a new session of a service wait while no server of it leads, instead of refusing it: during a handover clients see a pause, not an error.
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- tcp-request content lua.await_leader SECONDS
--
-- Interfaces: https://docs.haproxy.org/3.0/configuration.html (lua-load), and Proxy.get_srv_act in HAProxy's Lua documentation.

local PAUSE = 0.1 -- s

local function await_leader(session, seconds)
  local service = core.backends[session.f:fe_name()]
  for _ = 1, math.floor(tonumber(seconds) / PAUSE) do
    if service:get_srv_act() > 0 then
      return
    end
    core.msleep(PAUSE * 1000)
  end
end

core.register_action("await_leader", { "tcp-req" }, await_leader, 1)
