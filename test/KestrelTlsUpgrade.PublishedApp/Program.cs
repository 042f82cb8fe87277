using KestrelTlsUpgrade.PublishedApp;

// Every package in one application, which build/publish trims and compiles ahead of time: it starts a server and a tunnel, sends requests
// of every kind to them, and ends in failure if an answer is wrong. The only argument is a PEM file with a certificate for localhost and
// its key.
if (args is not [var certificate])
{
    Console.Error.WriteLine("Use: KestrelTlsUpgrade.PublishedApp CERTIFICATE");
    return 2;
}

Console.WriteLine(Surroundings.Describe());
await using var server = await Hosts.StartServerAsync(certificate);
await using var proxy = await Hosts.StartProxyAsync(Hosts.PortOf(server));
return await new Requests(certificate, Hosts.PortOf(server), Hosts.PortOf(proxy)).RunAsync() ? 0 : 1;
