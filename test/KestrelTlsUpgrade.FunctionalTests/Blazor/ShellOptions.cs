using Microsoft.AspNetCore.Http.Connections;

namespace KestrelTlsUpgrade.FunctionalTests.Blazor;

internal sealed record ShellOptions(HttpTransportType Transport = HttpTransportType.WebSockets);
