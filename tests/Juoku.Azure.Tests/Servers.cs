using Juoku.Tests.Servers;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
