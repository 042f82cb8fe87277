namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>Which server, with which kind of key, and with what that is not the default.</summary>
internal readonly record struct ServerSpec(ServerKind Kind, KeyType Key = KeyType.Ecdsa, ServerSetting Setting = ServerSetting.None)
{
    /// <summary>The program it needs, where that is not this one.</summary>
    public string? Program => Kind switch
    {
        ServerKind.Nginx => Nginx.Program,
        ServerKind.Apache => ApacheHttpd.Program,
        ServerKind.Cupsd => Cupsd.Program,
        _ => null,
    };

    public async Task<Server> StartAsync(KeyFiles files) => Kind switch
    {
        ServerKind.Nginx => await Nginx.StartAsync(files, Key),
        ServerKind.Apache => await ApacheHttpd.StartAsync(files, Key),
        ServerKind.Cupsd => await Cupsd.StartAsync(files, Key),
        _ => await KestrelProcess.StartAsync(Kind, Setting, files, Key),
    };
}
