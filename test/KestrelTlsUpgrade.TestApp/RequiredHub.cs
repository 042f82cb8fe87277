using Microsoft.AspNetCore.SignalR;

namespace KestrelTlsUpgrade.TestApp;

[RequireTlsUpgrade]
public sealed class RequiredHub : Hub;
