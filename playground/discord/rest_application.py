"""The application itself, and where the gateway is."""

from playground.discord.calls import Call, Reply, Route
from playground.discord.jsons import JsonObject
from playground.discord.render import user_json
from playground.discord.world import World

SESSION_STARTS = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}


class ApplicationRoutes:
    """Answers what a bot asks when it logs in."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self.gateway_url = ""

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/gateway", self._gateway, token=False),
            Route("GET", "/gateway/bot", self._gateway_bot),
            Route("GET", "/oauth2/applications/@me", self._application),
            Route("GET", "/applications/@me", self._application),
        ]

    async def _gateway(self, _: Call) -> Reply:
        return Reply({"url": self.gateway_url})

    async def _gateway_bot(self, _: Call) -> Reply:
        return Reply({"url": self.gateway_url, "shards": 1, "session_start_limit": SESSION_STARTS})

    async def _application(self, _: Call) -> Reply:
        application = self._world.application
        owner = self._world.users[application.owner_id]
        body: JsonObject = {
            "id": str(application.id),
            "name": application.name,
            "icon": None,
            "description": "Edits images.",
            "summary": "",
            "type": None,
            "bot": user_json(application.bot),
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": application.flags,
            "flags_new": str(application.flags),
            "hook": True,
            "owner": user_json(owner),
            "team": None,
            "rpc_origins": [],
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "integration_types_config": {"0": {}},
            "approximate_guild_count": 1,
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": ["bot", "applications.commands"],
        }
        return Reply(body)
