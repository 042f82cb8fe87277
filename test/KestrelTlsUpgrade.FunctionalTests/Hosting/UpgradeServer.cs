using KestrelTlsUpgrade.Internal.Hosting.SharedNames;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Testing;

internal sealed partial class UpgradeServer
{
    static partial void Isolate(IServiceCollection services) => services.AddSingleton(new ServersInProcess());
}
