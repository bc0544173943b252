"""What a .blend stores: settings and picks."""
