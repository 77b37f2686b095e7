"""The VPN panel's side of the world (xray_api)."""
