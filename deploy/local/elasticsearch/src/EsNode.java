package io.tradewind.local;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * {@code java io.tradewind.local.EsNode HOME}: runs one Elasticsearch node from HOME/config/elasticsearch.yml and
 * HOME/modules/* until SIGTERM.
 *
 * <p>The full server starts its node through a bootstrap whose jars are not published; this does the part of it that
 * a node on loopback needs: settings, logging, modules. Bootstrap checks and the system-call filter are left out.
 */
public final class EsNode {
  private EsNode() {}

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Environment env = prepare(home, home.resolve("config"));
    PluginsLoader plugins = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(env.modulesDir()), Set.<PluginBundle>of(), Map.of(), true);
    Node node = new Node(env, plugins);
    CountDownLatch closed = closeOnShutdown(node);
    node.start();
    closed.await();
  }

  private static Environment prepare(Path home, Path config) throws Exception {
    System.setProperty("es.path.home", home.toString());
    System.setProperty("es.path.conf", config.toString());
    LogConfigurator.configureESLogging();
    LogConfigurator.registerErrorListener();
    Settings settings = Settings.builder().put("path.home", home.toString()).build();
    Environment env = InternalSettingsPreparer.prepareEnvironment(settings, new HashMap<>(), config, () -> "local");
    LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(env.settings()));
    LogConfigurator.configure(env, true);
    return env;
  }

  private static CountDownLatch closeOnShutdown(Node node) {
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (Exception e) {
        e.printStackTrace();
      } finally {
        closed.countDown();
      }
    }, "close-node"));
    return closed;
  }
}
