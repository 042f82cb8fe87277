using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// A package's own section of an endpoint, <c>Kestrel:Endpoints:{endpoint}:{name}</c>. Kestrel does not say which endpoint of the
/// configuration a <see cref="ListenOptions"/> was made from, but no two bound endpoints have the same address.
/// </summary>
internal static class EndpointSections
{
    public const string EndpointsKey = "Endpoints";

    private const string UrlKey = "Url";

    /// <summary>
    /// Finds the section of an endpoint, which may be empty, in the retained configuration. Call it before the endpoint is bound.
    /// </summary>
    /// <returns><see langword="null"/> for an endpoint that is not from the configuration.</returns>
    /// <exception cref="InvalidOperationException">Two endpoints with a dynamic port have the same address.</exception>
    public static IConfigurationSection? Find(ListenOptions endpoint, string name)
    {
        if (Retain(endpoint.KestrelServerOptions) is not { } server)
        {
            return null;
        }

        // Kestrel has created the endpoint from the current configuration. If its settings cannot be read now, the previous ones apply.
        var address = GetAddress(endpoint);
        var services = endpoint.ApplicationServices;
        var path = ConfigurationPath.Combine([.. server.Path, EndpointsKey]);
        var retained = server.Configuration.Read(path).GetSection(path);
        var found = GetAll(endpoint.KestrelServerOptions).Where(section => GetAddress(section, services) == address).ToArray();
        if (found.Length == 0)
        {
            found = [.. retained.GetChildren().Where(section => GetAddress(section, services) == address)];
        }

        var sections = found.Select(section => retained.GetSection(section.Key).GetSection(name)).ToArray();
        if (found.Length > 1 && sections.Any(static section => section.Exists()))
        {
            throw new InvalidOperationException(
                $"{string.Join(" and ", found.Select(static section => section.Path))} have the same address, {found[0][UrlKey]}, so the "
                + $"settings under {name} are ambiguous. Give each its own address or port.");
        }

        return sections is [var only] ? only : null;
    }

    /// <summary>Kestrel's section in the retained configuration, if Kestrel has one.</summary>
    /// <returns>The configuration, and the path in it, empty if all of it is Kestrel's.</returns>
    public static (RetainedConfiguration Configuration, string[] Path)? Retain(KestrelServerOptions server) =>
        server.ConfigurationLoader?.Configuration is { } configuration
            && RetainedConfiguration.Find(configuration, server.ApplicationServices?.GetService<IConfiguration>()) is var (retained, path)
            ? (retained, path.Length == 0 ? [] : [path])
            : null;

    /// <summary>The sections of all configured endpoints.</summary>
    public static IEnumerable<IConfigurationSection> GetAll(KestrelServerOptions server) =>
        server.ConfigurationLoader?.Configuration.GetSection(EndpointsKey).GetChildren() ?? [];

    /// <summary>The address as Kestrel announces it, without the scheme.</summary>
    public static string GetAddress(ListenOptions endpoint) => WithoutScheme(endpoint.ToString()!);

    /// <summary>The address of a configured endpoint, as Kestrel parses it.</summary>
    public static string? GetAddress(IConfigurationSection endpoint, IServiceProvider services)
    {
        if (string.IsNullOrEmpty(endpoint[UrlKey]))
        {
            return null;
        }

        ListenOptions? parsed = null;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new($"{EndpointsKey}:x:{UrlKey}", "http://" + WithoutScheme(endpoint[UrlKey]!))])
            .Build();
        new KestrelServerOptions { ApplicationServices = services }
            .Configure(configuration)
            .Endpoint("x", loaded => parsed = loaded.ListenOptions)
            .Load();
        return GetAddress(parsed!);
    }

    public static string WithoutScheme(string address) =>
        address.IndexOf("://", StringComparison.Ordinal) is var end and >= 0 ? address[(end + 3)..] : address;
}
