using System.Net;
using CsCheck;
using KestrelTlsUpgrade.Fuzzing.Targets;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>Headers of the PROXY protocol: valid ones are read, and what is nearly one keeps the rules of the target.</summary>
public sealed class ProxyHeaderPropertyTests
{
    private static readonly Gen<int> Port = Gen.Int[0, IPEndPoint.MaxPort];

    private static readonly Gen<(IPEndPoint Source, IPEndPoint Destination)> EndPoints =
        from length in Gen.OneOf(4, 16)
        from source in Gen.Byte.Array[length]
        from destination in Gen.Byte.Array[length]
        from ports in Gen.Select(Port, Port)
        select (new IPEndPoint(new IPAddress(source), ports.Item1), new IPEndPoint(new IPAddress(destination), ports.Item2));

    private static readonly Gen<byte[]> Field =
        Gen.Select(Gen.Byte.Where(static type => type != 0x03), Gen.Byte.Array[0, 40], static (type, value) => ProxyHeaders.Field(type, value));

    private static readonly Gen<byte[]> Header =
        from endPoints in EndPoints
        from fields in Field.Array[0, 4]
        from kind in Gen.Int[0, 2]
        select kind switch
        {
            0 => ProxyHeaders.Line(endPoints.Source, endPoints.Destination),
            1 => ProxyHeaders.Block(endPoints.Source, endPoints.Destination, fields),
            _ => ProxyHeaders.WithChecksum(ProxyHeaders.Block(endPoints.Source, endPoints.Destination, fields)),
        };

    [Fact]
    public void Read_AnyAddresses_AreReadFromEitherVersion() =>
        Gen.Select(EndPoints, Field.Array[0, 4], Messages.Choices, Gen.Byte.Array[0, 20]).Sample(
            static (endPoints, fields, choices, behind) =>
            {
                var (source, destination) = endPoints;
                byte[][] headers =
                [
                    ProxyHeaders.Line(source, destination),
                    ProxyHeaders.Block(source, destination, fields),
                    ProxyHeaders.WithChecksum(ProxyHeaders.Block(source, destination, fields)),
                ];
                foreach (var header in headers)
                {
                    var input = Messages.ToInput(choices, [.. header, .. behind]);
                    Assert.Equal(ProxyHeader.Proxied(header.Length, source, destination), ProxyHeaderReader.Read(input.CutWire()));
                }
            },
            iter: 3000);

    /// <summary>A header whose bytes were changed on the way says nothing else: it is refused.</summary>
    [Fact]
    public void Read_AddressesChangedUnderAChecksum_AreRefused() =>
        Gen.Select(EndPoints, Gen.Int[0, 1000], Gen.Byte[1, byte.MaxValue]).Sample(
            static (endPoints, position, change) =>
            {
                var addresses = ProxyHeaders.Block(endPoints.Source, endPoints.Destination);
                var header = ProxyHeaders.WithChecksum(addresses);
                header[16 + (position % (addresses.Length - 16))] ^= change;
                Assert.Equal(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(header).Kind);
            },
            iter: 3000);

    [Fact]
    public void Run_NearlyRightHeader_KeepsTheRules() =>
        Gen.Select(Header, Gen.Int[0, 1000], Gen.Byte, Gen.Byte.Array[0, 8], Messages.Choices).Sample(
            static (header, position, wrong, behind, choices) =>
            {
                header[position % header.Length] = wrong;
                ProxyHeaderTarget.Run(Messages.ToInput(choices, [.. header, .. behind]));
            },
            iter: 20_000);
}
