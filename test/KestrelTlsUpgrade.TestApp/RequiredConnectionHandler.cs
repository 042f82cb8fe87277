using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.TestApp;

[RequireTlsUpgrade]
public sealed class RequiredConnectionHandler : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => Task.CompletedTask;
}
