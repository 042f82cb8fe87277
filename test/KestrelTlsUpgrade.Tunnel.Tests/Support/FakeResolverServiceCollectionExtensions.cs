using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

internal static class FakeResolverServiceCollectionExtensions
{
    public static void Resolve(this IServiceCollection services, FakeResolver resolver) => services.AddSingleton<INameResolver>(resolver);
}
