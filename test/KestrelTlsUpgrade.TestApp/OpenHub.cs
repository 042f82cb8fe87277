using Microsoft.AspNetCore.SignalR;

namespace KestrelTlsUpgrade.TestApp;

public sealed class OpenHub : Hub;
